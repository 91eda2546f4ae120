import { expect, it } from 'vitest';
import { dynamoDbAccess } from '../../../../../infra/local/dynamodb/access.ts';
import type { TableRecord } from '../../../../../infra/local/dynamodb/table-schema.ts';

const KEY = 'arn:aws:kms:us-east-1:000000000000:key/k';
const TABLE = 'arn:aws:dynamodb:us-east-1:000000000000:table/runs';
const rules = dynamoDbAccess({
  identity: { region: 'us-east-1', accountId: '000000000000', partition: 'aws' },
  findTable: () => ({ keys: { partition: { name: 'pk' } }, encryption: { kmsKeyArn: KEY } }) as unknown as TableRecord,
});
const put = (pk: string) => ({ Put: { TableName: 'runs', Item: { pk: { S: pk } } } });
const asked = (operation: string, input: object): readonly string[] =>
  (rules[operation]?.({ ...input }) ?? []).map(
    ({ action, resource, conditions = {} }) =>
      `${action} ${resource} ${String(conditions['dynamodb:LeadingKeys'] ?? '')}`,
  );

it('needs the permission of every item of a transaction, by its partition key, and the use of the key once', () => {
  const needs = asked('TransactWriteItems', { TransactItems: [put('a'), put('b'), put('a')] });

  expect(needs).toEqual([
    `dynamodb:PutItem ${TABLE} a`,
    `kms:Decrypt ${KEY} `,
    `kms:Encrypt ${KEY} `,
    `kms:GenerateDataKey ${KEY} `,
    `dynamodb:PutItem ${TABLE} b`,
  ]);
});

it('needs every action of a transaction on one item', () => {
  const check = { ConditionCheck: { TableName: 'runs', Key: { pk: { S: 'a' } } } };
  const needs = asked('TransactWriteItems', { TransactItems: [put('a'), check] });

  expect(needs.filter((need) => need.startsWith('dynamodb:'))).toEqual([
    `dynamodb:PutItem ${TABLE} a`,
    `dynamodb:ConditionCheckItem ${TABLE} a`,
  ]);
});

it('needs the reads of a transaction by their partition keys', () => {
  const get = (pk: string) => ({ Get: { TableName: 'runs', Key: { pk: { S: pk } } } });
  const needs = asked('TransactGetItems', { TransactItems: [get('a'), get('b')] });

  expect(needs).toEqual([`dynamodb:GetItem ${TABLE} a`, `kms:Decrypt ${KEY} `, `dynamodb:GetItem ${TABLE} b`]);
});
