import { afterAll, describe, expect, it } from 'vitest';
import { openDuckDb } from '../../../../../shared/adapters/duckdb/index.ts';
import {
  checkInputs,
  decodeInputAggregates,
  type FeatureSpec,
  type InputVerdict,
  inputAggregatesSql,
  type Task,
} from '../../../../../shared/core/features/index.ts';
import { HOUR_MS } from '../../../../../shared/kernel/time.ts';

const engine = await openDuckDb();
afterAll(() => engine.close());

const features: readonly FeatureSpec[] = [
  { name: 'x', type: 'number', min: -1, max: 10, nullable: false },
  { name: 'y', type: 'number', nullable: true },
  { name: 'c', type: 'category', nullable: false },
];
const limits = {
  minRows: 10,
  maxAgeHours: 72,
  minLabelShare: 0.1,
  maxLabelShare: 0.9,
  maxOutOfRangeShare: 0.01,
  maxMissingShare: 0,
};
const asOfMs = 1_000 * HOUR_MS;
const split = { fromMs: 0, holdoutFromMs: 500 * HOUR_MS, holdoutToMs: asOfMs, asOfMs };
const GOOD = {
  row_key: "'k' || i",
  event_at_ms: `i * ${HOUR_MS}`,
  x: '(i % 10)::DOUBLE',
  y: 'NULL::DOUBLE',
  c: "'a'",
  label: '(i % 2)::DOUBLE',
  label_known_at_ms: `(i + 1) * ${HOUR_MS}`,
};

const judge = async (
  change: Partial<typeof GOOD> = {},
  { task = 'binary-classification', rows = 1_000 }: { task?: Task; rows?: number } = {},
): Promise<InputVerdict> => {
  const columns = Object.entries({ ...GOOD, ...change }).map(([name, sql]) => `${sql} AS ${name}`);
  await engine.execute(
    `CREATE OR REPLACE TABLE feature_rows AS SELECT ${columns.join(', ')} FROM range(${rows}) AS r(i)`,
  );
  const [row] = await engine.query(inputAggregatesSql({ task, features, split }));
  return checkInputs({ task, features, limits, aggregates: decodeInputAggregates(features, row), asOfMs });
};

describe('the checks before training', () => {
  it('pass rows that are as declared, with a nullable feature missing throughout', async () => {
    expect(await judge()).toEqual({ passed: true, findings: [] });
  });

  const planted: readonly (readonly [claim: string, change: Partial<typeof GOOD>, message: string])[] = [
    ['repeated keys', { row_key: "'k' || (i // 2)" }, 'row_key must be unique, got 500 repeated of 1000 rows'],
    [
      'labels that have stopped coming',
      { label_known_at_ms: `least(i + 1, 900) * ${HOUR_MS}`, event_at_ms: `(i // 2) * ${HOUR_MS}` },
      'the newest label must be at most 72 h old, got 100 h',
    ],
    [
      'a label known before its event',
      { label_known_at_ms: `CASE WHEN i = 5 THEN 4 ELSE i + 1 END * ${HOUR_MS}` },
      'no label may be known before its own event, got 1 of 1000 rows',
    ],
    [
      'a label that is no class',
      { label: 'CASE WHEN i = 3 THEN 0.5 ELSE i % 2 END::DOUBLE' },
      'label must be 0 or 1, got 1 others of 1000 rows (from 0 to 1)',
    ],
    [
      'too few positives',
      { label: '(i % 20 = 0)::DOUBLE' },
      'the share of positive labels must be in [0.1, 0.9], got 0.05',
    ],
    [
      'too many positives',
      { label: '(i % 20 > 0)::DOUBLE' },
      'the share of positive labels must be in [0.1, 0.9], got 0.95',
    ],
    [
      'a missing value where none is allowed',
      { c: "CASE WHEN i = 7 THEN NULL ELSE 'a' END" },
      'feature c must be missing in at most 0 of the rows, got 0.001 (1 of 1000)',
    ],
    [
      'numbers out of their range',
      { x: 'CASE WHEN i < 20 THEN 10.5 ELSE -1 END::DOUBLE' },
      'feature x must be outside [-1, 10] in at most 0.01 of the rows, got 0.02 (20 of 1000)',
    ],
    [
      'numbers that a float32 cannot hold',
      { y: "CASE WHEN i % 2 = 0 THEN 'infinity'::DOUBLE ELSE 1e39 END" },
      'feature y must be outside [-∞, ∞] in at most 0.01 of the rows, got 1 (1000 of 1000)',
    ],
  ];
  it.each(planted)('refuse %s', async (_, change, message) => {
    const verdict = await judge(change);

    expect(verdict.passed).toBe(false);
    expect(verdict.findings.map((finding) => finding.message)).toEqual([message]);
  });

  it('allow a share outside the range up to the limit', async () => {
    expect((await judge({ x: 'CASE WHEN i < 10 THEN 10.5 ELSE 10 END::DOUBLE' })).passed).toBe(true);
  });

  it('refuse a regression label that never varies, and one that is not finite', async () => {
    const constant = await judge({ label: '3::DOUBLE' }, { task: 'regression' });
    const infinite = await judge(
      { label: "CASE WHEN i = 0 THEN 'infinity'::DOUBLE ELSE i END" },
      { task: 'regression' },
    );

    expect(constant.findings[0]?.message).toBe('label must vary, got 3 in each of 1000 rows');
    expect(infinite.findings[0]?.message).toContain('label must be a finite number, got 1 others');
  });

  it('say of no rows only that there are none', async () => {
    const verdict = await judge({}, { rows: 0 });

    expect(verdict.findings.map(({ message }) => message)).toEqual(['training needs at least 10 labelled rows, got 0']);
  });
});
