import { beforeEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../../../../../infra/local/dynamodb/engine.ts';
import { getItem } from '../../../../../../infra/local/dynamodb/operations/get-item.ts';
import { putItem } from '../../../../../../infra/local/dynamodb/operations/put-item.ts';
import { updateItem } from '../../../../../../infra/local/dynamodb/operations/update-item.ts';
import { memoryEngine } from '../memory-engine.ts';

const KEY = { pk: { S: 'p' }, sk: { S: 's' } };
let engine: Engine;

const put = (attributes: object) => putItem(engine, { TableName: 'table', Item: { ...KEY, ...attributes } });
const update = (expression: string, values?: object, more: object = {}) =>
  updateItem(engine, {
    TableName: 'table',
    Key: KEY,
    UpdateExpression: expression,
    ...(values ? { ExpressionAttributeValues: values } : {}),
    ...more,
  });
const stored = () => (getItem(engine, { TableName: 'table', Key: KEY }) as { Item?: object }).Item;

beforeEach(() => {
  engine = memoryEngine();
});

describe('UpdateItem', () => {
  it('reads every operand from the item as it was', () => {
    put({ a: { N: '1' }, b: { N: '2' } });

    update('SET a = b, b = a + :x, c = if_not_exists(c, a)', { ':x': { N: '10' } });

    expect(stored()).toEqual({ ...KEY, a: { N: '2' }, b: { N: '11' }, c: { N: '1' } });
  });

  it('means by a list index the element that stood there', () => {
    put({ l: { L: ['0', '1', '2', '3'].map((N) => ({ N })) } });

    update('SET l[9] = :end, l[1] = :one REMOVE l[0], l[2]', { ':end': { S: 'end' }, ':one': { S: 'one' } });

    expect(stored()).toEqual({ ...KEY, l: { L: [{ S: 'one' }, { N: '3' }, { S: 'end' }] } });
  });

  it('counts exactly beyond 2^53', () => {
    put({ n: { N: '9007199254740993' } });

    update('ADD n :x', { ':x': { N: '0.5' } });

    expect(stored()).toMatchObject({ n: { N: '9007199254740993.5' } });
  });

  it('unites and subtracts sets, and drops the attribute with the last member', () => {
    put({ s: { SS: ['a', 'b'] }, gone: { NS: ['1.0', '2'] } });

    update('ADD s :new DELETE gone :all', { ':new': { SS: ['b', 'c'] }, ':all': { NS: ['1', '2'] } });

    expect(stored()).toEqual({ ...KEY, s: { SS: ['a', 'b', 'c'] } });
  });

  it('brings an item into being, unless it only takes away', () => {
    update('REMOVE a');
    expect(stored()).toBeUndefined();

    updateItem(engine, { TableName: 'table', Key: KEY });
    expect(stored()).toEqual(KEY);
  });

  it('answers the touched paths alone for UPDATED_NEW and UPDATED_OLD', () => {
    put({ m: { M: { a: { N: '1' }, b: { N: '2' } } }, other: { S: 'x' } });
    const set = (ReturnValues: string) => update('SET m.a = m.a + :x, n = :x', { ':x': { N: '1' } }, { ReturnValues });

    expect(set('UPDATED_OLD')).toEqual({ Attributes: { m: { M: { a: { N: '1' } } } } });
    expect(set('UPDATED_NEW')).toEqual({ Attributes: { m: { M: { a: { N: '3' } } }, n: { N: '1' } } });
  });

  it('does not take inherited properties for attributes', () => {
    const condition = { ConditionExpression: 'attribute_not_exists(#c) AND attribute_not_exists(#p)' };
    const names = { '#c': 'constructor', '#p': '__proto__' };

    update('SET #c = :v, #p = :v', { ':v': { S: 'x' } }, { ...condition, ExpressionAttributeNames: names });

    expect(Object.keys(stored() ?? {}).toSorted()).toEqual(['__proto__', 'constructor', 'pk', 'sk']);
  });

  it.each([
    ['SET a = absent', undefined, 'refers to an attribute that does not exist in the item'],
    [
      'SET m.x.y = :v',
      { ':v': { S: '' } },
      'The document path provided in the update expression is invalid for update',
    ],
    ['SET a = :v + :w', { ':v': { N: '1' }, ':w': { S: '1' } }, 'operator or function: +, operand type: S'],
    ['SET a = :v + words', { ':v': { N: '1' } }, 'An operand in the update expression has an incorrect data type'],
    ['SET pk = :v', { ':v': { S: 'x' } }, 'Cannot update attribute pk. This attribute is part of the key'],
    ['SET a = :v, a.b = :v', { ':v': { S: 'x' } }, 'Two document paths overlap'],
    ['SET a.b = :v, a[0] = :v', { ':v': { S: 'x' } }, 'Two document paths conflict'],
    ['SET a = :v SET b = :v', { ':v': { S: 'x' } }, 'The "SET" section can only be used once'],
    ['SET a = :v', { ':v': { S: 'x' }, ':w': { S: 'x' } }, 'unused in expressions: keys: {:w}'],
    ['SET a = :v', undefined, 'attribute value used in expression is not defined; attribute value: :v'],
    ['ADD a :v', { ':v': { L: [] } }, 'function: ADD, operand type: LIST'],
    ['SET h = :v', { ':v': { S: 'x' } }, 'Type mismatch for Index Key h Expected: N Actual: S IndexName: gsi'],
    [
      'SET a = :v',
      { ':v': { S: 'x'.repeat(400 * 1024) } },
      'Item size to update has exceeded the maximum allowed size',
    ],
  ])('refuses %s and leaves the item alone', (expression, values, message) => {
    put({ words: { S: 'x' } });

    expect(() => update(expression, values)).toThrow(message);
    expect(stored()).toEqual({ ...KEY, words: { S: 'x' } });
  });

  it('refuses what it does not support by name', () => {
    expect(() => updateItem(engine, { TableName: 'table', Key: KEY, AttributeUpdates: {} })).toThrow(
      'UpdateItem parameter AttributeUpdates is not supported',
    );
  });
});
