import { describe, expect, it } from 'vitest';
import { NO_FAULTS, type ReadSite } from '../../../../../infra/local/contracts.ts';
import type { Engine } from '../../../../../infra/local/dynamodb/engine.ts';
import { deleteItem } from '../../../../../infra/local/dynamodb/operations/delete-item.ts';
import { getItem } from '../../../../../infra/local/dynamodb/operations/get-item.ts';
import { putItem } from '../../../../../infra/local/dynamodb/operations/put-item.ts';
import { query } from '../../../../../infra/local/dynamodb/operations/query.ts';
import { scan } from '../../../../../infra/local/dynamodb/operations/scan.ts';
import { fc } from '../../../../helpers/properties.ts';
import { memoryEngine } from './memory-engine.ts';

type Item = Record<string, Record<string, string>>;

const lagging = (staleMs: (site: ReadSite) => number) => {
  const clock = { nowMs: 0 };
  const engine = memoryEngine({ sortType: 'N', nowMs: () => clock.nowMs, faults: { ...NO_FAULTS, staleMs } });
  return { clock, engine };
};
const key = (sk: number, pk = 'p') => ({ pk: { S: pk }, sk: { N: String(sk) } });
const put = (engine: Engine, sk: number, value: number, pk = 'p') =>
  putItem(engine, {
    TableName: 'table',
    Item: { ...key(sk, pk), g: { S: `g${value % 2}` }, h: { N: String(value) } },
  });
const byKey = { KeyConditionExpression: 'pk = :p', ExpressionAttributeValues: { ':p': { S: 'p' } } };
const items = (answer: unknown): Item[] => (answer as { Items: Item[] }).Items;

describe('a read that may be old', () => {
  it('sees what stood so long ago, and the newest when it asks for consistency', () => {
    const { clock, engine } = lagging(() => 1_000);
    put(engine, 1, 10);
    clock.nowMs = 2_000;
    put(engine, 1, 20);
    clock.nowMs = 2_500;
    const get = (ConsistentRead: boolean) => getItem(engine, { TableName: 'table', Key: key(1), ConsistentRead });

    expect(get(true)).toMatchObject({ Item: { h: { N: '20' } } });
    expect(get(false)).toMatchObject({ Item: { h: { N: '10' } } });
    clock.nowMs = 3_000;
    expect(get(false)).toMatchObject({ Item: { h: { N: '20' } } });
  });

  it('still sees what was deleted and misses what is new, in the order of keys, whichever way', () => {
    const { clock, engine } = lagging(() => 1_000);
    for (const sk of [1, 2, 3, 4]) put(engine, sk, sk);
    clock.nowMs = 2_000;
    deleteItem(engine, { TableName: 'table', Key: key(1) });
    deleteItem(engine, { TableName: 'table', Key: key(3) });
    put(engine, 2.5, 9);
    const sorts = (more: object) =>
      items(query(engine, { TableName: 'table', ...byKey, ...more })).map(({ sk }) => sk?.N);

    expect(sorts({})).toEqual(['1', '2', '3', '4']);
    expect(sorts({ ScanIndexForward: false })).toEqual(['4', '3', '2', '1']);
    expect(sorts({ Limit: 2, ExclusiveStartKey: key(1) })).toEqual(['2', '3']);
    expect(sorts({ ConsistentRead: true })).toEqual(['2', '2.5', '4']);
  });

  it('lags in an index by itself', () => {
    const { clock, engine } = lagging(({ index }) => (index === 'gsi' ? 1_000 : 0));
    put(engine, 1, 10);
    clock.nowMs = 2_000;
    put(engine, 1, 11);
    const inIndex = (g: string) =>
      items(
        query(engine, {
          TableName: 'table',
          IndexName: 'gsi',
          KeyConditionExpression: 'g = :g',
          ExpressionAttributeValues: { ':g': { S: g } },
        }),
      ).map(({ h }) => h?.N);

    expect([inIndex('g0'), inIndex('g1')]).toEqual([['10'], []]);
    expect(getItem(engine, { TableName: 'table', Key: key(1) })).toMatchObject({ Item: { h: { N: '11' } } });
    clock.nowMs = 3_000;
    expect([inIndex('g0'), inIndex('g1')]).toEqual([[], ['11']]);
  });

  it('forgets nothing of what a cancelled transaction never did', () => {
    const { engine } = lagging(() => 1_000);
    put(engine, 1, 10);

    expect(() =>
      putItem(engine, { TableName: 'table', Item: key(1), ConditionExpression: 'attribute_not_exists(pk)' }),
    ).toThrow('conditional');

    expect(getItem(engine, { TableName: 'table', Key: key(1) })).toEqual({});
  });

  it('reads any table as it was at any instant', () => {
    const change = fc.record({ sk: fc.integer({ min: 0, max: 6 }), value: fc.option(fc.nat({ max: 9 })) });
    fc.assert(
      fc.property(
        fc.array(change, { maxLength: 30 }),
        fc.nat({ max: 30 }),
        fc.boolean(),
        (changes, back, descending) => {
          let staleMs = 0;
          const { clock, engine } = lagging(() => staleMs);
          const read = () => items(query(engine, { TableName: 'table', ...byKey, ScanIndexForward: !descending }));
          const states = [read()];
          for (const { sk, value } of changes) {
            clock.nowMs += 10;
            if (value === null) deleteItem(engine, { TableName: 'table', Key: key(sk) });
            else put(engine, sk, value);
            states.push(read());
          }
          const steps = Math.min(back, changes.length);
          staleMs = steps * 10;

          expect(read()).toEqual(states[changes.length - steps]);
          expect(items(scan(engine, { TableName: 'table' }))).toHaveLength(states[changes.length - steps]?.length ?? 0);
        },
      ),
      { numRuns: 100 },
    );
  });
});
