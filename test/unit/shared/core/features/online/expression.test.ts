import { afterAll, describe, expect, it } from 'vitest';
import { openDuckDb } from '../../../../../../shared/adapters/duckdb/index.ts';
import { evaluateExpression } from '../../../../../../shared/core/features/online/evaluate-expression.ts';
import type { Expression, RequestValue } from '../../../../../../shared/core/features/online/expression.ts';
import { columnOf, requestFeatureSql } from '../../../../../../shared/core/features/online/expression-sql.ts';
import { fc } from '../../../../../helpers/properties.ts';

const engine = await openDuckDb();
afterAll(() => engine.close());

const VALUES: readonly RequestValue[] = [
  { name: 'at', type: 'timestamp' },
  { name: 'zone', type: 'category' },
  { name: 'a', type: 'number' },
  { name: 'b', type: 'number' },
];
type Row = Readonly<Record<string, number | string | null>>;

/** What both give, row by row: training by SQL, serving in JavaScript. */
const both = async (expression: Expression, rows: readonly Row[]) => {
  const literal = (value: number | string | null | undefined): string =>
    value === null || value === undefined ? 'NULL' : typeof value === 'number' ? `${value}::DOUBLE` : `'${value}'`;
  const tuples = rows.map((row, i) => `(${[i, ...VALUES.map(({ name }) => literal(row[name]))].join(', ')})`);
  const columns = VALUES.map(
    (value) => `${columnOf(value)}${value.type === 'timestamp' ? '::BIGINT' : ''} AS ${columnOf(value)}`,
  );
  const names = VALUES.map(columnOf).join(', ');
  const sql = `SELECT ${requestFeatureSql({ name: 'f', expression }, VALUES)}
    FROM (SELECT i, ${columns.join(', ')} FROM (VALUES ${tuples.join(', ')}) AS t(i, ${names})) ORDER BY i`;
  const trained = (await engine.query(sql)).map(({ f }) => f);
  const served = rows.map((row) => evaluateExpression(expression, new Map(Object.entries(row))));
  return { trained, served };
};

const number = fc.oneof(
  fc.integer({ min: -1_000, max: 1_000 }),
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e12, max: 1e12 }),
  fc.constantFrom(0, 0.1, 1 / 3),
);
const row: fc.Arbitrary<Row> = fc.record({
  at: fc.option(fc.integer({ min: Date.UTC(1975, 0, 1), max: Date.UTC(2030, 0, 1) })),
  zone: fc.option(
    fc.constantFrom(
      'UTC',
      'America/New_York',
      'America/Phoenix',
      'Asia/Kolkata',
      'Australia/Lord_Howe',
      'Pacific/Apia',
    ),
  ),
  a: fc.option(number),
  b: fc.option(number),
});
const { expression } = fc.letrec<{ expression: Expression }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.constantFrom<Expression>('a', 'b', 2, 0.1, 'at'),
    fc.record({
      op: fc.constantFrom('hour' as const, 'minute' as const, 'weekday' as const),
      of: fc.constant(['at', 'zone']),
    }),
    fc.record({
      op: fc.constantFrom('subtract' as const, 'divide' as const),
      of: fc.tuple(tie('expression'), tie('expression')),
    }),
    fc.record({
      op: fc.constantFrom('add' as const, 'multiply' as const, 'first' as const),
      of: fc.array(tie('expression'), { minLength: 2, maxLength: 3 }),
    }),
    fc.record({ op: fc.constantFrom('absolute' as const, 'floor' as const), of: fc.tuple(tie('expression')) }),
  ),
}));

describe('a request feature', () => {
  it('is the same double in training’s SQL and in serving, whatever its expression and values', async () => {
    await fc.assert(
      fc.asyncProperty(
        expression.filter((one) => typeof one === 'object'),
        fc.array(row, { minLength: 1, maxLength: 8 }),
        async (one, rows) => {
          const { trained, served } = await both(one, rows);

          // Zero has no sign for a tree.
          const unsigned = (value: unknown) => (value === 0 ? 0 : value);
          expect(served.map(unsigned)).toEqual(trained.map(unsigned));
        },
      ),
      { numRuns: 150 },
    );
  });

  it('follows the clock of its zone through a change to daylight saving time and back', async () => {
    const at = (iso: string, zone = 'America/New_York'): Row => ({ at: Date.parse(iso), zone, a: null, b: null });
    const rows = [
      at('2001-04-01T06:59:00Z'),
      at('2001-04-01T07:00:00Z'),
      at('2001-10-28T05:30:00Z'),
      at('2001-10-28T06:30:00Z'),
      at('2001-01-01T04:59:59.999Z'),
      at('1969-12-31T23:59:00Z', 'Asia/Kolkata'),
    ];

    const hours = await both({ op: 'hour', of: ['at', 'zone'] }, rows);
    const weekdays = await both({ op: 'weekday', of: ['at', 'zone'] }, rows);

    expect(hours.served).toEqual([1, 3, 1, 1, 23, 5]);
    expect(weekdays.served).toEqual([7, 7, 7, 7, 7, 4]);
    expect([hours.trained, weekdays.trained]).toEqual([hours.served, weekdays.served]);
  });

  it('follows a clock that is put forward by half an hour at half past the hour in UTC', async () => {
    const at = (iso: string): Row => ({ at: Date.parse(iso), zone: 'Australia/Lord_Howe', a: null, b: null });
    const rows = [at('2001-10-27T15:14:00Z'), at('2001-10-27T15:29:00Z'), at('2001-10-27T15:30:00Z')];

    const minutes = await both({ op: 'minute', of: ['at', 'zone'] }, rows);

    expect(minutes.served).toEqual([44, 59, 30]);
    expect(minutes.trained).toEqual(minutes.served);
  });

  it('has no value where one that it needs has none, nor by zero', async () => {
    const rows = [
      { at: null, zone: null, a: 1, b: 0 },
      { at: null, zone: null, a: null, b: 2 },
    ];

    expect((await both({ op: 'divide', of: ['a', 'b'] }, rows)).served).toEqual([null, null]);
    expect((await both({ op: 'first', of: ['a', 'b'] }, rows)).served).toEqual([1, 2]);
    expect((await both({ op: 'multiply', of: [1e308, 1e308] }, rows)).trained).toEqual([null, null]);
    expect(evaluateExpression({ op: 'multiply', of: [1e308, 1e308] }, new Map())).toBeNull();
  });

  it('may be a value that the request brings', async () => {
    const rows = [{ at: 5, zone: 'UTC', a: 0.25, b: null }];

    expect(await both('a', rows)).toEqual({ trained: [0.25], served: [0.25] });
    expect(await both('zone', rows)).toEqual({ trained: ['UTC'], served: ['UTC'] });
  });

  it('refuses a zone that is none', () => {
    const values = new Map<string, number | string>([
      ['at', 0],
      ['zone', 'Mars/Olympus'],
    ]);

    expect(() => evaluateExpression({ op: 'hour', of: ['at', 'zone'] }, values)).toThrow(
      'a time zone must be an IANA name, got "Mars/Olympus"',
    );
  });
});
