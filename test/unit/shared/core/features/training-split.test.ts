import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDuckDb } from '../../../../../shared/adapters/duckdb/index.ts';
import {
  type FeatureSpec,
  planTrainingSplit,
  type TrainingPart,
  type TrainingSplit,
  writePartSql,
} from '../../../../../shared/core/features/index.ts';
import { DAY_MS, HOUR_MS } from '../../../../../shared/kernel/time.ts';

const START_MS = Date.UTC(2001, 0, 1);
const day = (n: number): number => START_MS + n * DAY_MS;
const plan = {
  oldestEventAtMs: day(0) + 5 * HOUR_MS,
  newestEventAtMs: day(29) + 23 * HOUR_MS,
  warmUpDays: 7,
  holdoutDays: 3,
  asOfMs: day(30),
};

describe('the training split', () => {
  it('holds the newest whole days out and starts after the warm-up', () => {
    expect(planTrainingSplit(plan)).toEqual({
      fromMs: day(7),
      holdoutFromMs: day(27),
      holdoutToMs: day(30),
      asOfMs: day(30),
    });
  });

  it('leaves a day that is not over out of the holdout', () => {
    const split = planTrainingSplit({ ...plan, asOfMs: day(29) + 23.5 * HOUR_MS });

    expect([split.holdoutFromMs, split.holdoutToMs]).toEqual([day(26), day(29)]);
  });

  it('trains on the newest days only when told to', () => {
    expect(planTrainingSplit({ ...plan, trainingDays: 10 }).fromMs).toBe(day(20));
  });

  it('refuses a holdout that leaves nothing to learn from', () => {
    expect(() => planTrainingSplit({ ...plan, holdoutDays: 23 })).toThrow(
      'training needs rows before the holdout: the 23 holdout days begin 2001-01-08T00:00:00.000Z, rows may be used from 2001-01-08T00:00:00.000Z',
    );
  });
});

describe('the parts', () => {
  const folder = mkdtempSync(join(tmpdir(), 'split-'));
  const features: readonly FeatureSpec[] = [{ name: 'x', type: 'number', nullable: true }];
  const split: TrainingSplit = planTrainingSplit(plan);
  let engine: Awaited<ReturnType<typeof openDuckDb>>;

  beforeAll(async () => {
    engine = await openDuckDb();
    // A row an hour for 30 days; its label is known 5 hours later.
    await engine.execute(`CREATE TABLE feature_rows AS SELECT 'k' || i AS row_key, ${START_MS} + i * ${HOUR_MS} AS event_at_ms,
      (i % 7)::DOUBLE AS x, 1::DOUBLE AS label, event_at_ms + 5 * ${HOUR_MS} AS label_known_at_ms FROM range(720) AS r(i)`);
  });
  afterAll(async () => {
    await engine.close();
    rmSync(folder, { recursive: true });
  });

  const write = async (part: TrainingPart, maxRows = 10_000, name = part as string): Promise<string> => {
    const file = join(folder, `${name}.parquet`);
    await engine.execute(writePartSql({ part, split, features, maxRows, file }));
    return file;
  };
  const summary = (file: string): Promise<readonly unknown[]> =>
    engine.query(`SELECT count(*) AS n, min(event_at_ms) AS first, max(event_at_ms) AS last FROM '${file}'`);

  it('keep from the candidate what became known during the holdout', async () => {
    const [train, holdout, all] = [await write('train'), await write('holdout'), await write('all')];

    expect(await summary(train)).toEqual([{ n: 476, first: day(7), last: day(27) - 5 * HOUR_MS }]);
    expect(await summary(holdout)).toEqual([{ n: 72, first: day(27), last: day(30) - HOUR_MS }]);
    expect(await summary(all)).toEqual([{ n: 552, first: day(7), last: day(30) - HOUR_MS }]);
  });

  it('draw the same rows every time, in order of event time, whatever the order of the table', async () => {
    const before = await write('all', 100, 'before');
    await engine.execute('CREATE OR REPLACE TABLE feature_rows AS FROM feature_rows ORDER BY x, row_key DESC');

    const after = await write('all', 100, 'after');

    const rows = await engine.query(`FROM '${after}'`);
    expect(rows).toHaveLength(100);
    expect(rows).toEqual(await engine.query(`FROM '${before}'`));
    const times = rows.map(({ event_at_ms }) => event_at_ms as number);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  it('draw by the key: a smaller sample is part of a larger one', async () => {
    const keys = async (n: number): Promise<ReadonlySet<unknown>> =>
      new Set(
        (await engine.query(`SELECT row_key FROM '${await write('all', n, `n${n}`)}'`)).map(({ row_key }) => row_key),
      );

    const [small, large] = [await keys(50), await keys(200)];

    expect([small.size, [...small].every((key) => large.has(key))]).toEqual([50, true]);
  });
});
