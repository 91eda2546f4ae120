import { describe, expect, it } from 'vitest';
import type { Engine } from '../../../../../../infra/local/dynamodb/engine.ts';
import { deleteItem } from '../../../../../../infra/local/dynamodb/operations/delete-item.ts';
import { putItem } from '../../../../../../infra/local/dynamodb/operations/put-item.ts';
import { query } from '../../../../../../infra/local/dynamodb/operations/query.ts';
import { scan } from '../../../../../../infra/local/dynamodb/operations/scan.ts';
import { fc } from '../../../../../helpers/properties.ts';
import { memoryEngine } from '../memory-engine.ts';

type Item = Record<string, Record<string, string>>;
interface Page {
  Items: Item[];
  Count: number;
  ScannedCount: number;
  LastEvaluatedKey?: Item;
}

const put = (engine: Engine, sk: object, more: object = {}) =>
  putItem(engine, { TableName: 'table', Item: { pk: { S: 'p' }, sk, ...more } });

/** Follows every page; at most 1,000 of them. */
const allPages = (read: (start: Item | undefined) => Page): Item[] => {
  const items: Item[] = [];
  let start: Item | undefined;
  for (let page = 0; page < 1000; page += 1) {
    const { Items, LastEvaluatedKey } = read(start);
    items.push(...Items);
    if (!LastEvaluatedKey) return items;
    start = LastEvaluatedKey;
  }
  throw new Error('the pages do not end');
};

const ask = (engine: Engine, input: object): Page => query(engine, { TableName: 'table', ...input }) as Page;
const sorts = (items: readonly Item[]): string[] => items.map(({ sk }) => Object.values(sk ?? {})[0] ?? '');

describe('Query', () => {
  it('orders numbers by value, forwards and backwards, whatever the page size', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: -50, max: 50 }), { maxLength: 20 }),
        fc.integer({ min: 1, max: 7 }),
        fc.boolean(),
        (numbers, Limit, forward) => {
          const engine = memoryEngine({ sortType: 'N' });
          for (const n of numbers) put(engine, { N: String(n / 4) });

          const items = allPages((ExclusiveStartKey) =>
            ask(engine, {
              KeyConditionExpression: 'pk = :p',
              ExpressionAttributeValues: { ':p': { S: 'p' } },
              ScanIndexForward: forward,
              Limit,
              ...(ExclusiveStartKey ? { ExclusiveStartKey } : {}),
            }),
          );

          const expected = numbers.toSorted((a, b) => (forward ? a - b : b - a)).map((n) => String(n / 4));
          expect(sorts(items)).toEqual(expected);
        },
      ),
      { numRuns: 50 },
    );
  });

  it.each([
    ['sk = :a', { ':a': { S: 'b' } }, ['b']],
    ['sk < :a', { ':a': { S: 'b' } }, ['a']],
    ['sk >= :a', { ':a': { S: 'bb' } }, ['bb', 'c']],
    [':a < sk', { ':a': { S: 'b' } }, ['bb', 'c']],
    ['sk BETWEEN :a AND :b', { ':a': { S: 'b' }, ':b': { S: 'bb' } }, ['b', 'bb']],
    ['begins_with(sk, :a)', { ':a': { S: 'b' } }, ['b', 'bb']],
  ])('finds by %s', (condition, values, expected) => {
    const engine = memoryEngine();
    for (const sk of ['c', 'bb', 'a', 'b']) put(engine, { S: sk });

    const page = ask(engine, {
      KeyConditionExpression: `pk = :p AND ${condition}`,
      ExpressionAttributeValues: { ':p': { S: 'p' }, ...values },
    });

    expect(sorts(page.Items)).toEqual(expected);
  });

  it('filters after it has counted towards the limit', () => {
    const engine = memoryEngine();
    for (const [sk, n] of [
      ['a', '1'],
      ['b', '2'],
      ['c', '1'],
    ])
      put(engine, { S: sk }, { n: { N: n } });

    const page = ask(engine, {
      KeyConditionExpression: 'pk = :p',
      FilterExpression: 'n = :n',
      ExpressionAttributeValues: { ':p': { S: 'p' }, ':n': { N: '1' } },
      Limit: 2,
    });

    expect(page).toMatchObject({ Count: 1, ScannedCount: 2, LastEvaluatedKey: { pk: { S: 'p' }, sk: { S: 'b' } } });
  });

  it('ends a page at 1 MB', () => {
    const engine = memoryEngine();
    for (const sk of ['a', 'b', 'c', 'd']) put(engine, { S: sk }, { data: { S: 'x'.repeat(390 * 1024) } });
    const input = { KeyConditionExpression: 'pk = :p', ExpressionAttributeValues: { ':p': { S: 'p' } } };

    const first = ask(engine, input);
    const second = ask(engine, { ...input, ExclusiveStartKey: first.LastEvaluatedKey });

    expect([sorts(first.Items), sorts(second.Items)]).toEqual([['a', 'b', 'c'], ['d']]);
    expect(second.LastEvaluatedKey).toBeUndefined();
  });

  it('pages an index whose keys are shared, and keeps it sparse and in step', () => {
    const engine = memoryEngine();
    for (const sk of ['a', 'b', 'c', 'd']) put(engine, { S: sk }, { g: { S: 'G' }, h: { N: '1' } });
    put(engine, { S: 'without' }, { g: { S: 'G' } });
    put(engine, { S: 'b' }, { g: { S: 'other' }, h: { N: '1' } });
    deleteItem(engine, { TableName: 'table', Key: { pk: { S: 'p' }, sk: { S: 'c' } } });

    const items = allPages((ExclusiveStartKey) =>
      ask(engine, {
        IndexName: 'gsi',
        KeyConditionExpression: 'g = :g AND h = :h',
        ExpressionAttributeValues: { ':g': { S: 'G' }, ':h': { N: '1' } },
        Limit: 1,
        ...(ExclusiveStartKey ? { ExclusiveStartKey } : {}),
      }),
    );

    expect(sorts(items)).toEqual(['a', 'd']);
  });

  it.each([
    [{ KeyConditionExpression: 'sk = :p' }, 'Query condition missed key schema element: pk'],
    [{ KeyConditionExpression: 'pk > :p' }, 'Query key condition not supported'],
    [{ KeyConditionExpression: 'pk = :p OR sk = :p' }, 'Invalid operator used in KeyConditionExpression: OR'],
    [{ KeyConditionExpression: 'pk = :p AND n = :p' }, 'Query condition missed key schema element: sk'],
    [{ KeyConditionExpression: 'pk = :p AND pk = :p' }, 'must only contain one condition per key'],
    [{ KeyConditionExpression: 'pk = :p', FilterExpression: 'sk = :p' }, 'Primary key attribute: sk'],
    [{ KeyConditionExpression: 'pk = :p', IndexName: 'none' }, 'does not have the specified index: none'],
    [
      { KeyConditionExpression: 'pk = :p', ExclusiveStartKey: { pk: { S: 'p' } } },
      'The provided starting key is invalid',
    ],
  ])('refuses %j', (input, message) => {
    expect(() => ask(memoryEngine(), { ...input, ExpressionAttributeValues: { ':p': { S: 'p' } } })).toThrow(message);
  });
});

describe('Scan', () => {
  it('meets every item once over the segments of a parallel scan', () => {
    const engine = memoryEngine();
    const names = Array.from({ length: 60 }, (_, index) => `p${index}`);
    for (const name of names) putItem(engine, { TableName: 'table', Item: { pk: { S: name }, sk: { S: 's' } } });

    const segments = [0, 1, 2].map((Segment) =>
      allPages((ExclusiveStartKey) => {
        const page = { Segment, TotalSegments: 3, Limit: 5, ...(ExclusiveStartKey ? { ExclusiveStartKey } : {}) };
        return scan(engine, { TableName: 'table', ...page }) as Page;
      }),
    );

    expect(segments.every((items) => items.length > 0)).toBe(true);
    expect(
      segments
        .flat()
        .map(({ pk }) => pk?.S)
        .toSorted(),
    ).toEqual(names.toSorted());
  });
});
