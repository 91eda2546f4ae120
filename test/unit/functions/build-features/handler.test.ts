import { beforeEach, describe, expect, it, vi } from 'vitest';
import { datasetDayKey } from '../../../../shared/contracts/artifacts.ts';
import { DAY_MS } from '../../../../shared/kernel/time.ts';
import { BENCH_START_MS, benchDefinition, openTrainingBench, prepareRun } from '../../../helpers/training-bench.ts';

const AS_OF_MS = BENCH_START_MS + 10 * DAY_MS;
const open = async (change: Parameters<typeof benchDefinition>[0] = {}) => {
  const bench = openTrainingBench(benchDefinition(change));
  await bench.loadDays(0, 10);
  return bench;
};

beforeEach(() => {
  vi.spyOn(console, 'log').mockImplementation(() => {});
});

describe('build-features', () => {
  it('refuses data that breaks the checks, with the numbers, and keeps them in the report', async () => {
    const bench = await open({ checks: { minRows: 5_000, maxAgeHours: 1 } });

    const built = prepareRun(bench, 'run-1', AS_OF_MS);

    await expect(built).rejects.toMatchObject({
      name: 'InvalidRequestError',
      message: expect.stringMatching(/at least 5000 labelled rows, got 1200.*newest label must be at most 1 h old/),
    });
    const report = JSON.parse(
      new TextDecoder().decode(await bench.artifacts.get('runs/toy/run-1/features/report.json')),
    );
    expect(report).toMatchObject({ passed: false, rowCounts: { all: 1200 } });
    expect(report.findings).toHaveLength(2);
  });

  it('refuses a query that does not give the definition’s columns', async () => {
    const features = [{ name: 'y', type: 'number' as const }];
    const bench = await open({ features });

    await expect(prepareRun(bench, 'run-1', AS_OF_MS)).rejects.toMatchObject({
      name: 'InvalidRequestError',
      message: expect.stringContaining('column y must be given'),
    });
  });

  it('never sees what became known after the run began', async () => {
    const bench = await open();

    await prepareRun(bench, 'run-1', BENCH_START_MS + 8.5 * DAY_MS);

    const report = JSON.parse(
      new TextDecoder().decode(await bench.artifacts.get('runs/toy/run-1/features/report.json')),
    );
    expect(report.trainedThroughMs).toBeLessThanOrEqual(BENCH_START_MS + 8.5 * DAY_MS);
    expect(report.rowCounts.all).toBeLessThanOrEqual(9 * 120);
  });

  it('stops when an object changed after the snapshot', async () => {
    const bench = await open();
    const run = { model: 'toy', runId: 'run-1', asOfMs: AS_OF_MS };
    const { snapshotId } = await bench.snapshotData(run);
    await bench.data.put(datasetDayKey('toys', '2001-01-05'), new TextEncoder().encode('changed'));

    await expect(bench.buildFeatures({ ...run, snapshotId, fresh: false })).rejects.toMatchObject({
      name: 'ConflictError',
    });
  });

  it('copies the tables of an equal run, unless it is asked for the work itself', async () => {
    const bench = await open();
    await prepareRun(bench, 'run-1', AS_OF_MS);

    const second = await prepareRun(bench, 'run-2', AS_OF_MS);
    const third = await prepareRun(bench, 'run-3', AS_OF_MS, { fresh: true });

    expect([second.cached, third.cached]).toEqual([true, false]);
    for (const file of ['train.parquet', 'holdout.parquet', 'all.parquet', 'report.json']) {
      const [one, two] = await Promise.all(
        ['run-1', 'run-2'].map((run) => bench.artifacts.get(`runs/toy/${run}/features/${file}`)),
      );
      expect(two).toEqual(one);
    }
  });

  it('does the work again when a table of the equal run was lost or changed', async () => {
    const bench = await open();
    await prepareRun(bench, 'run-1', AS_OF_MS);
    await bench.artifacts.put('runs/toy/run-1/features/holdout.parquet', new TextEncoder().encode('changed'));

    const second = await prepareRun(bench, 'run-2', AS_OF_MS);

    expect(second.cached).toBe(false);
    const holdout = await bench.artifacts.get('runs/toy/run-2/features/holdout.parquet');
    expect(new TextDecoder().decode(holdout.slice(0, 4))).toBe('PAR1');
  });

  it('writes the same bytes when it runs again', async () => {
    const bench = await open();

    await prepareRun(bench, 'run-1', AS_OF_MS);
    const first = await bench.artifacts.get('runs/toy/run-1/features/train.parquet');
    await prepareRun(bench, 'run-1', AS_OF_MS, { fresh: true });

    expect(await bench.artifacts.get('runs/toy/run-1/features/train.parquet')).toEqual(first);
  });
});
