import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { AccessRequest, Caller } from '../../../../../infra/local/contracts.ts';
import { createAccessControl } from '../../../../../infra/local/iam/access-control.ts';
import { keyPolicies } from '../../../../../infra/local/iam/policy-book.ts';
import { policiesChanged } from '../../../../../infra/local/iam/policy-changes.ts';
import type { RoleRecord } from '../../../../../infra/local/iam/resources.ts';
import { openStateStore } from '../../../../../infra/local/state-store.ts';

const ACCOUNT = '000000000000';
const IDENTITY = { region: 'us-east-1', accountId: ACCOUNT, partition: 'aws' } as const;
const ROLE = `arn:aws:iam::${ACCOUNT}:role/Reader`;
const KEY = `arn:aws:kms:us-east-1:${ACCOUNT}:key/k`;
const TABLE = `arn:aws:dynamodb:us-east-1:${ACCOUNT}:table/models`;
const asReader: Caller = { arn: ROLE, accessKeyId: 'ASIA', sessionName: 'read-model' };
const asPerson: Caller = { arn: `arn:aws:iam::${ACCOUNT}:user/local`, accessKeyId: 'local' };

const folder = mkdtempSync(join(tmpdir(), 'millrace-iam-'));
const store = openStateStore({ folder, inMemory: true });
afterAll(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const statement = (action: string, resource: string, more: object = {}) => ({
  Effect: 'Allow',
  Action: action,
  Resource: resource,
  ...more,
});
const document = (...Statement: object[]) => ({ Version: '2012-10-17', Statement });

const role = (name: string, service: string, ...statements: object[]): RoleRecord => ({
  name,
  arn: `arn:aws:iam::${ACCOUNT}:role/${name}`,
  trust: document({ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }),
  inlinePolicies: { own: document(...statements) },
  managedPolicyArns: [],
});

const putRole = (record: RoleRecord): void => {
  store.table<RoleRecord>('iam-roles').put(record.name, record);
  policiesChanged(store);
};

putRole(role('Reader', 'lambda.amazonaws.com', statement('dynamodb:GetItem', TABLE)));
keyPolicies(store).put(
  KEY,
  document({ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'kms:*', Resource: '*' }),
);

const access = createAccessControl({ ...IDENTITY, store, clock: { nowMs: () => 0 } });
const refusal = (request: AccessRequest): unknown => {
  try {
    access.require(request);
    return 'allowed';
  } catch (error) {
    const { code, status, message } = error as { code: string; status: number; message: string };
    return { code, status, message };
  }
};
const READER = `arn:aws:sts::${ACCOUNT}:assumed-role/Reader/read-model`;

describe('a role', () => {
  it('may what its policies say, and nothing else', () => {
    expect(refusal({ principal: asReader, action: 'dynamodb:GetItem', resource: TABLE })).toBe('allowed');
    expect(refusal({ principal: asReader, action: 'dynamodb:PutItem', resource: TABLE })).toEqual({
      code: 'AccessDeniedException',
      status: 400,
      message: `User: ${READER} is not authorized to perform: dynamodb:PutItem on resource: ${TABLE} because no identity-based policy allows the dynamodb:PutItem action`,
    });
  });

  it.each([
    ['s3:GetObject', 'arn:aws:s3:::b/k', 'AccessDenied', 403, 's3:GetObject on resource: "arn:aws:s3:::b/k" because'],
    ['sns:Publish', 'arn:aws:sns:us-east-1:0:t', 'AuthorizationError', 403, 'SNS:Publish on resource: arn:aws:sns'],
    ['sqs:SendMessage', 'arn:aws:sqs:us-east-1:0:q', 'AccessDeniedException', 403, 'sqs:sendmessage on resource:'],
    ['lambda:InvokeFunction', 'arn:aws:lambda:us-east-1:0:function:f', 'AccessDeniedException', 403, 'lambda:Invoke'],
    ['states:StartExecution', 'arn:aws:states:us-east-1:0:stateMachine:m', 'AccessDeniedException', 400, 'states:'],
    ['cloudwatch:GetMetricData', '*', 'AccessDenied', 403, 'cloudwatch:GetMetricData because no identity-based policy'],
  ])('is refused %s in the words and by the code of the service', (action, resource, code, status, words) => {
    expect(refusal({ principal: asReader, action, resource })).toMatchObject({
      code,
      status,
      message: expect.stringContaining(words),
    });
  });

  it('that does not exist may nothing', () => {
    const nobody = { ...asReader, arn: `arn:aws:iam::${ACCOUNT}:role/Gone` };

    expect(refusal({ principal: nobody, action: 'dynamodb:GetItem', resource: TABLE })).toMatchObject({
      code: 'AccessDeniedException',
    });
  });

  it('is read again after its policies have changed', () => {
    putRole(role('Late', 'lambda.amazonaws.com'));
    const late = { ...asReader, arn: `arn:aws:iam::${ACCOUNT}:role/Late` };
    const request = { principal: late, action: 'dynamodb:GetItem', resource: TABLE };
    expect(refusal(request)).not.toBe('allowed');

    putRole(role('Late', 'lambda.amazonaws.com', statement('dynamodb:GetItem', TABLE)));

    expect(refusal(request)).toBe('allowed');
  });
});

describe('a key', () => {
  const use = { action: 'kms:Decrypt', resource: KEY, conditions: { 'kms:ViaService': 's3.us-east-1.amazonaws.com' } };

  it('is used by whoever its policy leaves it to, if their own policy says so', () => {
    expect(refusal({ principal: asPerson, ...use })).toBe('allowed');
    expect(refusal({ principal: asReader, ...use })).toMatchObject({
      message: expect.stringContaining('because no identity-based policy allows the kms:Decrypt action'),
    });
  });

  it('is used through the service that a condition names and through no other', () => {
    const Condition = { StringEquals: { 'kms:ViaService': 's3.us-east-1.amazonaws.com' } };
    putRole(role('Keyed', 'lambda.amazonaws.com', statement('kms:Decrypt', KEY, { Condition })));
    const keyed = { ...asReader, arn: `arn:aws:iam::${ACCOUNT}:role/Keyed` };

    expect(refusal({ principal: keyed, ...use })).toBe('allowed');
    expect(refusal({ principal: keyed, action: 'kms:Decrypt', resource: KEY })).not.toBe('allowed');
  });

  it('whose policy does not know a service is closed to it', () => {
    expect(refusal({ principal: { service: 'cloudwatch.amazonaws.com' }, ...use })).toEqual({
      code: 'AccessDeniedException',
      status: 400,
      message: `User: cloudwatch.amazonaws.com is not authorized to perform: kms:Decrypt on resource: ${KEY} because no resource-based policy allows the kms:Decrypt action`,
    });
  });
});

describe('a service', () => {
  const request = { action: 'dynamodb:GetItem', resource: TABLE };

  it('acts by a role that trusts it', () => {
    const principal = { service: 'lambda.amazonaws.com', roleArn: ROLE };

    expect(refusal({ principal, ...request })).toBe('allowed');
  });

  it('cannot take a role that trusts another service', () => {
    const principal = { service: 'scheduler.amazonaws.com', roleArn: ROLE };

    expect(refusal({ principal, ...request })).toMatchObject({
      code: 'AccessDenied',
      message: `User: scheduler.amazonaws.com is not authorized to perform: sts:AssumeRole on resource: ${ROLE} because no resource-based policy allows the sts:AssumeRole action`,
    });
  });

  it('is known by what it acts for', () => {
    const rule = (name: string) => `arn:aws:events:us-east-1:${ACCOUNT}:rule/${name}`;
    const resourcePolicy = document({
      Effect: 'Allow',
      Principal: { Service: 'events.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: '*',
      Condition: { ArnEquals: { 'aws:SourceArn': rule('drift') } },
    });
    const send = (sourceArn: string) =>
      refusal({
        principal: { service: 'events.amazonaws.com', sourceArn },
        action: 'sqs:SendMessage',
        resource: 'arn:aws:sqs:us-east-1:0:q',
        resourcePolicy,
      });

    expect(send(rule('drift'))).toBe('allowed');
    expect(send(rule('other'))).not.toBe('allowed');
  });
});

describe('the record of use', () => {
  it('tells a permission that was needed from one that another statement covers', () => {
    putRole(
      role(
        'Twice',
        'lambda.amazonaws.com',
        statement('sns:Publish', '*'),
        statement('sns:*', '*'),
        statement('sqs:SendMessage', '*'),
      ),
    );
    const principal = { ...asReader, arn: `arn:aws:iam::${ACCOUNT}:role/Twice` };
    access.require({ principal, action: 'sns:Publish', resource: 'arn:aws:sns:us-east-1:0:t' });
    access.require({ principal, action: 'sqs:SendMessage', resource: 'arn:aws:sqs:us-east-1:0:q' });

    const uses = access.usage.uses().filter(({ holder }) => holder === 'Twice');

    expect(uses.map(({ statement: index, action, needed }) => [index, action, needed])).toEqual([
      [0, 'sns:Publish', false],
      [1, 'sns:*', false],
      [2, 'sqs:SendMessage', true],
    ]);
  });

  it('remembers every refusal', () => {
    const told: string[] = [];
    access.usage.onDenied(({ action }) => told.push(action));

    refusal({ principal: asReader, action: 'kms:Encrypt', resource: KEY });

    expect(told).toEqual(['kms:Encrypt']);
    expect(access.usage.denials().at(-1)).toMatchObject({ action: 'kms:Encrypt', user: READER });
  });
});
