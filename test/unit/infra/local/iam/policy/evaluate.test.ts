import { describe, expect, it } from 'vitest';
import { type Decision, evaluate } from '../../../../../../infra/local/iam/policy/evaluate.ts';
import { compilePolicy, type PolicyKind } from '../../../../../../infra/local/iam/policy/policy-document.ts';
import { fc } from '../../../../../helpers/properties.ts';

/** As a policy writes a variable. */
const variable = (name: string): string => `$\{${name}}`;

const ACCOUNT = '123456789012';
const ROLE = `arn:aws:iam::${ACCOUNT}:role/Reader`;
const OBJECT = 'arn:aws:s3:::reports/2001/january.csv';

interface Given {
  readonly identity?: readonly object[];
  readonly resource?: readonly object[];
  readonly resourceDecides?: boolean;
  readonly service?: string;
  readonly values?: Readonly<Record<string, readonly string[]>>;
  readonly action?: string;
  readonly on?: string;
}

const compile = (statements: readonly object[] | undefined, kind: PolicyKind) =>
  statements === undefined ? undefined : compilePolicy({ Version: '2012-10-17', Statement: statements }, kind);

const decide = ({ identity, resource, resourceDecides = false, service, values = {}, ...given }: Given): Decision =>
  evaluate(
    {
      principal: { arns: service === undefined ? [ROLE] : [], accountId: ACCOUNT, ...(service ? { service } : {}) },
      action: given.action ?? 's3:GetObject',
      resource: given.on ?? OBJECT,
      values: (key) => values[key],
    },
    { identity: compile(identity, 'identity'), resource: compile(resource, 'resource'), resourceDecides },
  );

const outcome = (given: Given): string => {
  const decision = decide(given);
  return decision.allowed ? 'allowed' : decision.reason;
};

const ALLOW = { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::reports/*' };
const DENY = { Effect: 'Deny', Action: 's3:*', Resource: '*' };
const by = (principal: unknown, statement: object = ALLOW) => ({ ...statement, Principal: principal });

describe('a decision within one account', () => {
  it.each<[claim: string, given: Given, outcome: string]>([
    ['is a refusal where nothing allows', { identity: [] }, 'no-identity-allow'],
    ['is an allow by the identity alone', { identity: [ALLOW] }, 'allowed'],
    ['is an allow by the resource alone', { identity: [], resource: [by({ AWS: ROLE })] }, 'allowed'],
    ['takes a session for its role', { identity: [], resource: [by('*')] }, 'allowed'],
    [
      'leaves to the identity what the resource gives the account',
      { identity: [], resource: [by({ AWS: `arn:aws:iam::${ACCOUNT}:root` })] },
      'no-identity-allow',
    ],
    ['ends at a deny of the identity', { identity: [ALLOW, DENY], resource: [by('*')] }, 'identity-deny'],
    ['ends at a deny of the resource', { identity: [ALLOW], resource: [by('*', DENY)] }, 'resource-deny'],
    ['names the resource for a service', { service: 'sns.amazonaws.com', resource: [] }, 'no-resource-allow'],
    [
      'gives a service what the resource gives it',
      { service: 'sns.amazonaws.com', resource: [by({ Service: 'sns.amazonaws.com' })] },
      'allowed',
    ],
    [
      'gives a service nothing of what its account has',
      { service: 'sns.amazonaws.com', resource: [by({ AWS: ACCOUNT })] },
      'no-resource-allow',
    ],
    [
      'needs a key to say yes, whatever the identity may',
      { identity: [ALLOW], resource: [], resourceDecides: true },
      'no-resource-allow',
    ],
    [
      'needs both where a key leaves it to the account',
      { identity: [], resource: [by({ AWS: ACCOUNT })], resourceDecides: true },
      'no-identity-allow',
    ],
    [
      'is an allow where key and identity agree',
      { identity: [ALLOW], resource: [by({ AWS: ACCOUNT })], resourceDecides: true },
      'allowed',
    ],
    ['does not mind the case of an action', { identity: [ALLOW], action: 'S3:getobject' }, 'allowed'],
    ['minds the case of a resource', { identity: [ALLOW], on: 'arn:aws:s3:::Reports/x' }, 'no-identity-allow'],
    [
      'reads NotAction as everything else',
      { identity: [{ Effect: 'Allow', NotAction: 's3:PutObject', Resource: '*' }] },
      'allowed',
    ],
    [
      'reads NotResource as everything else',
      { identity: [{ Effect: 'Allow', Action: 's3:GetObject', NotResource: 'arn:aws:s3:::reports/*' }] },
      'no-identity-allow',
    ],
  ])('%s', (_claim, given, expected) => {
    expect(outcome(given)).toBe(expected);
  });

  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
  it('fills in policy variables, and takes a wildcard in a value for itself', () => {
    const own = {
      Effect: 'Allow',
      Action: 's3:GetObject',
      Resource: `arn:aws:s3:::reports/${variable('aws:PrincipalArn')}/*`,
    };
    const given = (name: string, on: string): Given => ({
      identity: [own],
      on,
      values: { 'aws:principalarn': [name] },
    });

    expect(outcome(given('ann', 'arn:aws:s3:::reports/ann/x'))).toBe('allowed');
    expect(outcome(given('*', 'arn:aws:s3:::reports/ann/x'))).toBe('no-identity-allow');
    expect(outcome({ identity: [own], on: 'arn:aws:s3:::reports/ann/x' })).toBe('no-identity-allow');
  });

  it('tells every statement that allowed, so that a spare one is seen', () => {
    const decision = decide({ identity: [ALLOW, { ...ALLOW, Action: ['s3:PutObject', 's3:GetObject'] }] });

    expect(decision).toMatchObject({
      allowed: true,
      identity: [
        { statement: 0, action: 's3:GetObject', resource: 'arn:aws:s3:::reports/*' },
        { statement: 1, action: 's3:GetObject' },
      ],
    });
  });
});

describe('any policies', () => {
  const statement = (effects: readonly string[]) =>
    fc.record({
      Effect: fc.constantFrom(...effects),
      Action: fc.subarray(['s3:GetObject', 's3:*', 's3:Put*', 'kms:Decrypt', '*'], { minLength: 1 }),
      Resource: fc.subarray(['*', 'arn:aws:s3:::reports/*', 'arn:aws:s3:::other', OBJECT], { minLength: 1 }),
    });
  const identity = fc.array(statement(['Allow', 'Deny']), { maxLength: 5 });
  const resource = fc.array(
    statement(['Allow', 'Deny']).map((one) => by('*', one)),
    { maxLength: 3 },
  );

  it('deny as soon as one statement denies', () => {
    fc.assert(
      fc.property(identity, resource, fc.nat(5), (own, others, at) => {
        const denied = own.toSpliced(at, 0, { Effect: 'Deny', Action: ['s3:GetObject'], Resource: ['*'] });
        expect(decide({ identity: denied, resource: others }).allowed).toBe(false);
      }),
    );
  });

  it('never allow more after an Allow has been removed', () => {
    fc.assert(
      fc.property(identity, resource, fc.nat(5), (own, others, at) => {
        const fewer = own.filter((one, index) => one.Effect === 'Deny' || index !== at);
        const before = decide({ identity: own, resource: others }).allowed;
        const after = decide({ identity: fewer, resource: others }).allowed;
        expect(after && !before).toBe(false);
      }),
    );
  });

  it('do not depend on the order of their statements', () => {
    fc.assert(
      fc.property(identity, resource, (own, others) => {
        const turned = decide({ identity: own.toReversed(), resource: others.toReversed() });
        expect(turned.allowed).toBe(decide({ identity: own, resource: others }).allowed);
      }),
    );
  });
});
