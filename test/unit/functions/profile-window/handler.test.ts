import { describe, expect, it } from 'vitest';
import { REPORT_FILE } from '../../../../shared/contracts/evaluation.ts';
import { toJsonFile } from '../../../../shared/contracts/json-file.ts';
import { DAY_MS, HOUR_MS, utcDay } from '../../../../shared/kernel/time.ts';
import type { ArtifactStore } from '../../../../shared/ports/artifact-store.ts';
import {
  CHECKED_AT,
  countingCalls,
  labelLine,
  OLD,
  openBench,
  PROFILED,
  predictionLine,
  SERVED_FROM,
  serveBoth,
  serveDay,
  WINDOW_DAYS,
} from '../../../helpers/drift-bench.ts';

/** A store that dies at its so-manyeth write. */
const dyingAt = (store: ArtifactStore, write: number): ArtifactStore => {
  let writes = 0;
  return {
    ...store,
    put: (...args) => {
      writes += 1;
      if (writes === write) throw Object.assign(new Error('out of time'), { name: 'Sandbox.Timedout' });
      return store.put(...args);
    },
  };
};

describe('the fold of captured objects', () => {
  it('counts every prediction once, and finds traffic as trained on within its limit', async () => {
    const report = await (await serveBoth(openBench())).whole();

    expect(report).toMatchObject({
      schemaVersion: 2,
      status: 'within-limit',
      rowCount: 96,
      dayCount: 2,
      versions: { 1: 96 },
      duplicateCount: 0,
      decision: { mode: 'calibrated' },
      freshness: { status: 'fresh', lastPredictionAtMs: SERVED_FROM + DAY_MS + 23 * HOUR_MS },
      volume: { rowCount: 48 },
    });
    expect(report.profiles?.columns.map(({ name }) => name)).toEqual(['x', 'kind', '@prediction']);
    expect(report.profiles).not.toHaveProperty('versions');
    expect(report.profiles?.quality).toEqual([]);
    expect(report.metrics.driftEvidence).toBeLessThan(1);
  });

  it('has nothing to do the second time', async () => {
    const bench = await serveBoth(openBench());
    const first = await bench.whole();
    const made = await bench.made();

    expect((await bench.plan()).items).toEqual([]);
    expect(await bench.whole()).toEqual(first);
    expect(await bench.made()).toEqual(made);
  });

  it('comes to the same when it dies at any write and is tried again', async () => {
    const calm = await serveBoth(openBench());
    const report = await calm.whole();

    for (const write of [1, 2, 17, 32]) {
      const bench = await serveBoth(openBench());
      const { items } = await bench.plan();
      await expect(bench.fold(items, dyingAt(bench.data, write))).rejects.toThrow('out of time');
      await bench.fold(items);

      expect(await bench.check()).toEqual(report);
      expect(await bench.made()).toEqual(await calm.made());
    }
  });

  it('comes to the same when two fold at once', async () => {
    const calm = await serveBoth(openBench());
    const report = await calm.whole();
    const bench = await serveBoth(openBench());
    const { items } = await bench.plan();

    await Promise.all([bench.fold(items), bench.fold(items)]);

    expect(await Promise.all([bench.check(), bench.check()])).toEqual([report, report]);
    expect(await bench.made()).toEqual(await calm.made());
  });

  it('merges a day again when an object comes late, and comes to the same as if it had been in time', async () => {
    const late = predictionLine('late', SERVED_FROM + HOUR_MS, 5);
    const inTime = await serveBoth(openBench());
    await inTime.capture('z-late', SERVED_FROM + 2 * DAY_MS, [late]);
    const report = await inTime.whole();

    const bench = await serveBoth(openBench());
    expect((await bench.whole()).rowCount).toBe(96);
    await bench.capture('z-late', SERVED_FROM + 2 * DAY_MS, [late]);

    expect(await bench.whole()).toEqual(report);
    expect(report.rowCount).toBe(97);
    expect(await bench.made()).toEqual(await inTime.made());
  });

  it('counts a line once that two objects hold, of one day and across midnight', async () => {
    const bench = await serveBoth(openBench());
    const clean = await bench.whole();
    const again = [
      predictionLine('p-0-3-0', SERVED_FROM + 3 * HOUR_MS, 6),
      predictionLine('p-0-21-1', SERVED_FROM + DAY_MS + 1, 9),
    ];
    await bench.capture('z-again', SERVED_FROM + DAY_MS, again);

    const report = await bench.whole();

    expect(report).toMatchObject({ rowCount: 96, duplicateCount: 2, versions: { 1: 96 } });
    expect({ ...report, duplicateCount: 0 }).toEqual(clean);
  });

  it('leaves labels and failed requests to others', async () => {
    const bench = await serveBoth(openBench());
    const clean = await bench.whole();
    const at = SERVED_FROM + DAY_MS;
    await bench.capture('z-labels', at, [labelLine('p-0-3-0', 1, at), labelLine('of nobody', 1, at)]);

    const report = await bench.whole();

    expect(report).toEqual(clean);
    expect((await bench.plan()).items).toEqual([]);
  });

  it('announces what moved, and stays with the day’s verdict when it is asked again', async () => {
    const bench = openBench();
    await serveDay(bench, 0);
    await serveDay(bench, 1, { inputs: { x: 0.95, kind: 'a' }, output: 0.95 });

    const report = await bench.whole();

    expect(report).toMatchObject({ status: 'above-limit', decision: { episode: { opened: true } } });
    expect(report.decision.columns.map(({ name }) => name)).toContain('x');
    expect(bench.events.published).toMatchObject([
      {
        type: 'Drift Detected',
        detail: { reason: expect.stringMatching(/standard deviations.*; most in .*x \(\d+ %\)/) },
      },
    ]);
    expect(await bench.check()).toEqual(report);
  });

  it('names first what the loss of the version leans on, and all alike where its evaluation does not say', async () => {
    const namedBy = async (report: unknown): Promise<readonly string[]> => {
      const bench = openBench({ ...PROFILED, [REPORT_FILE]: toJsonFile(report) });
      await serveDay(bench, 0);
      await serveDay(bench, 1, { inputs: { x: 0.95, kind: 'a' }, output: 0.95 });
      const { columns } = (await bench.whole()).decision;
      return columns.flatMap(({ name }) => (name.startsWith('@') ? [] : [name]));
    };
    const leaningOn = (x: number, kind: number) => ({
      explanation: {
        importance: [
          { feature: 'x', lossIncrease: x },
          { feature: 'kind', lossIncrease: kind },
        ],
      },
    });

    expect(await namedBy(leaningOn(0.2, -0.001))).toEqual(['x', 'kind']);
    expect(await namedBy(leaningOn(0.001, 0.2))).toEqual(['kind', 'x']);
    expect(await namedBy({ explanation: 'none' })).toHaveLength(2);
  });

  it('asks the store for little: of a model without traffic the window alone, and never a listing a day', async () => {
    const idle = openBench();
    const busy = await serveBoth(openBench());
    await busy.whole();
    const asked = { idle: countingCalls(idle.data), busy: countingCalls(busy.data) };

    await idle.check(asked.idle.store);
    await busy.check(asked.busy.store);

    // The window is read; captures, deltas, data (twice, as there is none), what is compacted and is not, and
    // the states of checks are listed.
    expect(asked.idle.counts).toEqual({ get: 1, put: 3, list: 7 });
    // Of its days nothing changed: they are merged into the window, and markers are listed.
    expect(asked.busy.counts).toEqual({ get: 2 * WINDOW_DAYS + 1, put: 3, list: 8 });
  });

  it('makes a day’s check again when its deltas have expired', async () => {
    const bench = await serveBoth(openBench());
    const report = await bench.whole();
    const without: ArtifactStore = {
      ...bench.data,
      list: async (...asked) =>
        (await bench.data.list(...asked)).filter(({ key }) => !key.startsWith('profile-deltas/')),
    };
    bench.waitUntil(CHECKED_AT + 60 * DAY_MS);

    expect(await bench.check(without)).toEqual(report);
  });

  it('compacts the days that are missing after the newest that is there', async () => {
    const bench = await serveBoth(openBench());
    const last = `compacted/toy/${utcDay(SERVED_FROM + DAY_MS)}.jsonl.gz`;
    await bench.data.put(`compacted/toy/${utcDay(SERVED_FROM)}.jsonl.gz`, new Uint8Array([1]));

    await bench.whole();

    const compacted = await bench.data.list('compacted/');
    expect(compacted.map(({ key, sizeBytes }) => [key, sizeBytes > 1])).toEqual([
      [`compacted/toy/${utcDay(SERVED_FROM)}.jsonl.gz`, false],
      [last, true],
    ]);
  });

  it('leaves the lines of closed days in one file each', async () => {
    const bench = await serveBoth(openBench());
    await bench.whole();

    const compacted = await bench.data.list('compacted/');

    expect(compacted.map(({ key }) => key)).toEqual(
      [0, 1].map((day) => `compacted/toy/${utcDay(SERVED_FROM + day * DAY_MS)}.jsonl.gz`),
    );
  });

  it('holds a version from before there were profiles by day to its counts in bins, and says so', async () => {
    const report = await (await serveBoth(openBench(OLD))).whole();

    expect(report).toMatchObject({
      rowCount: 96,
      decision: {
        mode: 'floor',
        statement: 'limit not calibrated: the version was trained before there were profiles by day',
      },
    });
    expect(report.profiles).toBeUndefined();
    expect(report.metrics.driftEvidence).toBe((report.metrics.predictionPsi ?? 0) / 0.2);
  });
});
