import { beforeEach, describe, expect, it } from 'vitest';
import type { AwsError } from '../../../../../../infra/local/contracts.ts';
import type { Engine } from '../../../../../../infra/local/dynamodb/engine.ts';
import { getItem } from '../../../../../../infra/local/dynamodb/operations/get-item.ts';
import { putItem } from '../../../../../../infra/local/dynamodb/operations/put-item.ts';
import { transactWriteItems } from '../../../../../../infra/local/dynamodb/operations/transact-write-items.ts';
import { memoryEngine } from '../memory-engine.ts';

let engine: Engine;
let nowMs = 0;

const key = (sk: string) => ({ pk: { S: 'p' }, sk: { S: sk } });
const put = (sk: string, more: object = {}) => ({ Put: { TableName: 'table', Item: key(sk), ...more } });
const write = (TransactItems: object[], more: object = {}) => transactWriteItems(engine, { TransactItems, ...more });
const stored = (sk: string) => (getItem(engine, { TableName: 'table', Key: key(sk) }) as { Item?: object }).Item;
const cancelled = (work: () => unknown): AwsError => {
  try {
    work();
  } catch (error) {
    return error as AwsError;
  }
  throw new Error('the transaction was not cancelled');
};

beforeEach(() => {
  nowMs = 0;
  engine = memoryEngine({ nowMs: () => nowMs });
});

describe('TransactWriteItems', () => {
  it('undoes everything when one condition fails, and says which', () => {
    putItem(engine, { TableName: 'table', Item: { ...key('taken'), by: { S: 'me' } } });
    const condition = {
      ConditionExpression: 'attribute_not_exists(pk)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    };

    const error = cancelled(() => write([put('free'), put('taken', condition)]));

    expect(error.code).toBe('TransactionCanceledException');
    expect(error.message).toContain('[None, ConditionalCheckFailed]');
    expect(error.extra.CancellationReasons).toEqual([
      { Code: 'None' },
      {
        Code: 'ConditionalCheckFailed',
        Message: 'The conditional request failed',
        Item: { ...key('taken'), by: { S: 'me' } },
      },
    ]);
    expect(stored('free')).toBeUndefined();
  });

  it('cancels with a validation reason when an operand does not fit the item', () => {
    putItem(engine, { TableName: 'table', Item: { ...key('a'), n: { S: 'text' } } });
    const add = { UpdateExpression: 'ADD n :one', ExpressionAttributeValues: { ':one': { N: '1' } } };

    const error = cancelled(() => write([{ Update: { TableName: 'table', Key: key('a'), ...add } }]));

    expect(error.extra.CancellationReasons).toMatchObject([{ Code: 'ValidationError' }]);
  });

  it('carries out a token once, for ten minutes', () => {
    const items = [
      {
        Update: {
          TableName: 'table',
          Key: key('counter'),
          UpdateExpression: 'ADD n :one',
          ExpressionAttributeValues: { ':one': { N: '1' } },
        },
      },
    ];
    const token = { ClientRequestToken: 'once' };

    write(items, token);
    write(items, token);
    expect(stored('counter')).toMatchObject({ n: { N: '1' } });
    expect(cancelled(() => write([put('other')], token)).code).toBe('IdempotentParameterMismatchException');

    nowMs = 10 * 60_000;
    write(items, token);
    expect(stored('counter')).toMatchObject({ n: { N: '2' } });
  });

  it('forgets the token of a transaction that was cancelled', () => {
    const token = { ClientRequestToken: 'again' };
    const items = [put('a', { ConditionExpression: 'attribute_exists(pk)' })];

    expect(() => write(items, token)).toThrow('Transaction cancelled');
    putItem(engine, { TableName: 'table', Item: key('a') });

    expect(write(items, token)).toEqual({});
  });

  it.each([
    [[put('a'), put('a')], 'cannot include multiple operations on one item'],
    [Array.from({ length: 101 }, (_, index) => put(String(index))), 'length less than or equal to 100'],
    [[{ Put: put('a').Put, Delete: { TableName: 'table', Key: key('b') } }], 'can only contain one of'],
    [[{ ConditionCheck: { TableName: 'table', Key: key('a') } }], 'conditionExpression'],
  ])('refuses a request that cannot be carried out (%#)', (items, message) => {
    expect(() => write(items)).toThrow(message);
  });
});
