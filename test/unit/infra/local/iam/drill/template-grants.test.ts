import { describe, expect, it } from 'vitest';
import {
  grantUsed,
  type Template,
  templateGrants,
  withoutGrant,
} from '../../../../../../infra/local/iam/drill/template-grants.ts';

const statement = (Action: string | string[], more: object = {}) => ({
  Effect: 'Allow',
  Action,
  Resource: '*',
  ...more,
});
const document = (...Statement: object[]) => ({ Version: '2012-10-17', Statement });

const TEMPLATE: Template = {
  Resources: {
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: {
        Policies: [{ PolicyName: 'own', PolicyDocument: document(statement(['s3:GetObject', 's3:PutObject'])) }],
      },
    },
    Queue: { Type: 'AWS::SQS::Queue' },
    QueuePolicy: {
      Type: 'AWS::SQS::QueuePolicy',
      Properties: {
        Queues: [{ Ref: 'Queue' }],
        PolicyDocument: document(statement('sqs:*', { Effect: 'Deny' }), statement('sqs:SendMessage')),
      },
    },
    Permission: {
      Type: 'AWS::Lambda::Permission',
      Properties: { Action: 'lambda:InvokeFunction', FunctionName: { 'Fn::GetAtt': ['Function', 'Arn'] } },
    },
  },
};

const shown = (template: Template) =>
  templateGrants(template).map(({ kind, holderId, statement: index, action }) => [kind, holderId, index, action]);

describe('the permissions of a template', () => {
  it('are its allowed actions, by where they stand and whom they speak for', () => {
    expect(shown(TEMPLATE)).toEqual([
      ['role', 'Role', 0, 's3:GetObject'],
      ['role', 'Role', 0, 's3:PutObject'],
      ['queue', 'Queue', 1, 'sqs:SendMessage'],
      ['function', 'Function', 0, 'lambda:InvokeFunction'],
    ]);
  });

  it('go one by one, and nothing else goes with them', () => {
    for (const [index, grant] of templateGrants(TEMPLATE).entries()) {
      expect(shown(withoutGrant(TEMPLATE, grant))).toEqual(shown(TEMPLATE).toSpliced(index, 1));
    }
  });
});

it('knows a use by the physical name of its holder', () => {
  const [read] = templateGrants(TEMPLATE);
  const use = {
    holder: 'Stack-Role-1',
    policy: 'own',
    statement: 0,
    action: 's3:GetObject',
    resource: '*',
    example: '*',
  };
  const physicalId = (id: string) => `Stack-${id}-1`;

  expect(read && grantUsed(physicalId, read, { ...use, needed: true })).toBe(true);
  expect(read && grantUsed(physicalId, read, { ...use, holder: 'Stack-Other-1', needed: true })).toBe(false);
  expect(read && grantUsed(physicalId, read, { ...use, action: 's3:PutObject', needed: true })).toBe(false);
});
