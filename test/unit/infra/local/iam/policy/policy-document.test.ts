import { expect, it } from 'vitest';
import { compilePolicy, type PolicyKind } from '../../../../../../infra/local/iam/policy/policy-document.ts';

const ALLOW = { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' };
const compile = (statement: object, kind: PolicyKind = 'identity') => compilePolicy({ Statement: [statement] }, kind);

it.each<[string, object, PolicyKind, string]>([
  ['an action of no service', { ...ALLOW, Action: 's33:GetObject' }, 'identity', 'service s33 is not known'],
  ['an action that is misspelt', { ...ALLOW, Action: 's3:GetObjet' }, 'identity', 's3 has no such action'],
  ['a wildcard that matches no action', { ...ALLOW, Action: 'kms:Foo*' }, 'identity', 'kms has no such action'],
  ['an action without its service', { ...ALLOW, Action: 'GetObject' }, 'identity', 'must be prefaced by a vendor'],
  ['a resource that is no ARN', { ...ALLOW, Resource: 'reports' }, 'identity', 'must be in ARN format or "*"'],
  ['another effect', { ...ALLOW, Effect: 'allow' }, 'identity', 'Effect must be Allow or Deny, got "allow"'],
  ['both Action and NotAction', { ...ALLOW, NotAction: 's3:*' }, 'identity', 'Action or NotAction, not both'],
  ['a statement without a resource', { Effect: 'Allow', Action: '*' }, 'identity', 'must have Resource or NotResource'],
  ['an element that does not exist', { ...ALLOW, Resources: '*' }, 'identity', 'element Resources'],
  ['a principal in an identity policy', { ...ALLOW, Principal: '*' }, 'identity', 'must not name a Principal'],
  ['a resource policy without one', ALLOW, 'resource', 'must name a Principal'],
  ['a federated principal', { ...ALLOW, Principal: { Federated: 'x' } }, 'resource', 'principals of kind Federated'],
])('refuses %s', (_what, statement, kind, says) => {
  expect(() => compile(statement, kind)).toThrow(says);
});

it('refuses another version of the language', () => {
  expect(() => compilePolicy({ Version: '2020-01-01', Statement: [ALLOW] }, 'identity')).toThrow(
    'Version must be 2012-10-17, got "2020-01-01"',
  );
});
