import { gzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { createHandler } from '../../../../functions/measure-performance/handler.ts';
import { createMemoryArtifactStore } from '../../../../shared/adapters/memory/artifact-store.ts';
import { createMemoryEventPublisher } from '../../../../shared/adapters/memory/event-publisher.ts';
import { captureDayPrefix } from '../../../../shared/contracts/artifacts.ts';
import type { EventDetail } from '../../../../shared/contracts/events.ts';
import { toJsonFile } from '../../../../shared/contracts/json-file.ts';
import {
  type PerformanceDefinition,
  performanceSettingsOf,
} from '../../../../shared/contracts/performance-definition.ts';
import { performanceReportKey } from '../../../../shared/contracts/performance-report.ts';
import { seededRandom } from '../../../../shared/core/explanation/index.ts';
import { makePerformanceReference, type PerformanceReport } from '../../../../shared/core/performance/index.ts';
import { DAY_MS, HOUR_MS, isoTime, utcDay } from '../../../../shared/kernel/time.ts';
import type { ArtifactStore } from '../../../../shared/ports/artifact-store.ts';
import { benchDefinition } from '../../../helpers/training-bench.ts';

const FIRST = Date.UTC(2001, 1, 1);
const ROWS = 150;
const PACKAGE = { artifactPrefix: 'models/toy/d/', manifestDigest: 'm' };

const drawn = (seed: number, count: number, flip = 0) => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => {
    const output = 0.05 + 0.9 * random();
    const label = random() < output ? 1 : 0;
    return { output, label: random() < flip ? 1 - label : label };
  });
};

type Declared = Partial<PerformanceDefinition>;

const open = async (performance: Declared = {}, store: ArtifactStore = createMemoryArtifactStore()) => {
  const declared = { windowDays: 8, labelHorizonDays: 3, minRows: 200, ...performance };
  const definition = benchDefinition({ monitors: { performance: declared } });
  const rows = drawn(99, 2_000);
  const reference = makePerformanceReference(
    {
      labels: rows.map(({ label }) => label),
      predictions: rows.map(({ output }) => output),
      eventAtMs: rows.map((_, i) => FIRST - (1 + (i % 8)) * DAY_MS),
    },
    performanceSettingsOf(definition),
  );
  const events = createMemoryEventPublisher();
  const handler = createHandler({
    stage: 'test',
    clock: { nowMs: () => FIRST },
    definitions: new Map([[definition.name, definition]]),
    data: store,
    files: { read: async () => toJsonFile(reference) },
    events,
  });
  const model = definition.name;
  const lay = (atMs: number, name: string, records: readonly object[]): Promise<unknown> =>
    store.put(
      `${captureDayPrefix(model, utcDay(atMs))}${isoTime(atMs).slice(11, 13)}/${name}.gz`,
      gzipSync(records.map((record) => `${JSON.stringify(record)}\n`).join('')),
    );
  const label = (predictionId: string, value: number, atMs: number, more: object = {}) => ({
    kind: 'label',
    predictionId,
    model,
    label: value,
    knownAtMs: atMs,
    receivedAtMs: atMs,
    ...more,
  });
  return {
    store,
    published: events.published as readonly { type: string; detail: EventDetail<'Quality Degraded'> }[],
    lay,
    label,
    /** Predictions at noon, labels twelve hours later. */
    serve: async (index: number, { flip = 0, kpi }: { readonly flip?: number; readonly kpi?: number } = {}) => {
      const atMs = FIRST + index * DAY_MS + 12 * HOUR_MS;
      const found = drawn(index + 1, ROWS, flip);
      await lay(
        atMs,
        'predictions',
        found.map(({ output }, i) => ({
          kind: 'prediction',
          predictionId: `${index}-${i}`,
          atMs,
          model,
          version: 1,
          modelDigest: 'd',
          inputs: { x: output, kind: i % 3 === 0 ? 'a' : 'b' },
          output,
          latencyMs: 1,
        })),
      );
      const receivedAtMs = atMs + 13 * HOUR_MS;
      const kpis = kpi === undefined ? {} : { kpis: { refund: kpi } };
      await lay(
        receivedAtMs,
        'labels',
        found.map((row, i) => label(`${index}-${i}`, row.label, receivedAtMs, kpis)),
      );
    },
    /** The check on the morning after a day. */
    check: (index: number) =>
      handler({
        model,
        scheduledAt: isoTime(FIRST + (index + 1) * DAY_MS + 6 * HOUR_MS),
        version: 1,
        package: PACKAGE,
      }),
    report: async (index: number): Promise<PerformanceReport> =>
      JSON.parse(
        new TextDecoder().decode(await store.get(performanceReportKey(model, utcDay(FIRST + index * DAY_MS)))),
      ),
  };
};

/** What was published of a check: the values, and when. */
const publishedBy = async (check: () => Promise<unknown>): Promise<readonly Record<string, unknown>[]> => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  await check();
  const lines = log.mock.calls.map(([line]) => JSON.parse(line) as Record<string, unknown>);
  log.mockRestore();
  return lines.filter((line) => line._aws !== undefined);
};

describe('measure-performance', () => {
  it('publishes the loss and the area of its report, and nothing while labels are too few', async () => {
    const bench = await open();
    for (let day = 0; day < 8; day += 1) await bench.serve(day);

    const none = await publishedBy(() => bench.check(0));
    const [line, ...more] = await publishedBy(() => bench.check(7));

    const { metrics } = (await bench.report(7)).quality[0] ?? {};
    expect(none).toEqual([]);
    expect(more).toEqual([]);
    expect(line).toMatchObject({
      Model: 'test/toy',
      Loss: metrics?.logLoss?.value,
      Auc: metrics?.auc?.value,
      _aws: { Timestamp: FIRST, CloudWatchMetrics: [{ Metrics: [{ Name: 'Loss' }, { Name: 'Auc' }] }] },
      status: 'within limits',
      throughDay: '2001-02-08',
    });
  });

  it('measures the mature days, estimates the newest, and holds estimates to the labels', async () => {
    const bench = await open();
    for (let day = 0; day < 12; day += 1) await bench.serve(day);
    await bench.check(11);

    const report = await bench.report(11);

    expect(report).toMatchObject({ status: 'within limits', day: '2001-02-12', version: 1 });
    // Labels of the last day came in the night before the check, one day and an hour after they were asked for.
    expect(report.window).toMatchObject({ fromDay: '2001-02-05', throughDay: '2001-02-12', rowCount: 8 * ROWS });
    expect(report.quality[0]).toMatchObject({ slice: 'all', intervalBy: 'days', rowCount: 8 * ROWS });
    expect(report.window?.labelMean).toBeCloseTo(0.5, 1);
    expect(report.served).toEqual({ requestCount: ROWS, latencyMsP99: 1 });
    expect(report.labels.lastKnownAt).toBe('2001-02-13T01:00:00.000Z');
    expect(report.estimated).toMatchObject({ method: 'CBPE', calibratedOn: 'hold-out', day: '2001-02-12' });
    expect(report.estimated?.coverage?.auc?.dayCount).toBe(11);
    expect(report.days).toHaveLength(11);
    expect(report.labels.delay.matureAfterHours).toBe(14);
    expect(bench.published).toEqual([]);
  });

  it('writes the same report again', async () => {
    const bench = await open();
    for (let day = 0; day < 4; day += 1) {
      await bench.serve(day);
      await bench.check(day);
    }
    const before = await bench.report(3);

    await bench.check(3);

    expect(await bench.report(3)).toEqual(before);
  });

  it('comes to the same when checks were missed and lines were left lying', async () => {
    const [daily, late] = [await open(), await open()];
    for (let day = 0; day < 9; day += 1) {
      await daily.serve(day);
      await daily.check(day);
      await late.serve(day);
    }
    await late.check(8);

    const [one, other] = [await daily.report(8), await late.report(8)];

    expect(other.quality).toEqual(one.quality);
    expect(other.labels).toEqual(one.labels);
  });

  it('comes to the same when it stops half-way and is begun again', async () => {
    const store = createMemoryArtifactStore();
    let writesLeft = 1;
    const failing: ArtifactStore = {
      ...store,
      put: async (key, body, type) => {
        if (key.startsWith('outcomes/') && writesLeft-- <= 0) throw new Error('out of time');
        return store.put(key, body, type);
      },
    };
    const [whole, broken] = [await open(), await open({}, failing)];
    for (let day = 0; day < 5; day += 1) {
      await whole.serve(day);
      await broken.serve(day);
    }
    await whole.check(4);
    await expect(broken.check(4)).rejects.toThrow('out of time');
    writesLeft = Number.POSITIVE_INFINITY;

    await broken.check(4);

    expect(await broken.report(4)).toEqual(await whole.report(4));
  });

  it('says once that quality is degraded, when the whole interval is beyond a limit', async () => {
    const bench = await open({ limits: [{ metric: 'auc', slice: 'all', below: 0.75 }] });
    for (let day = 0; day < 8; day += 1) {
      await bench.serve(day);
      await bench.check(day);
    }
    expect(bench.published).toEqual([]);

    for (let day = 8; day < 18; day += 1) {
      await bench.serve(day, { flip: 0.45 });
      await bench.check(day);
    }

    const report = await bench.report(17);
    expect(report.status).toBe('degraded');
    const declared = bench.published.filter(({ detail }) => detail.limits.some(({ limit }) => limit === 0.75));
    expect(declared).toHaveLength(1);
    expect(declared[0]).toMatchObject({ type: 'Quality Degraded', detail: { model: report.model, version: 1 } });
    expect(report.limits.find(({ source }) => source === 'declared')?.since).toBe(declared[0]?.detail.day);
    expect(report.concept).toMatchObject({ drifted: true });
    expect(report.labelDrift).toMatchObject({ dayCount: report.concept?.dayCount });
  });

  it('records corrections, orphans and what came too late', async () => {
    const bench = await open();
    for (let day = 0; day < 5; day += 1) {
      await bench.serve(day);
      await bench.check(day);
    }
    const { label, lay } = bench;
    const at = (day: number, hour: number): number => FIRST + day * DAY_MS + hour * HOUR_MS;
    const truth = drawn(5, ROWS)[0]?.label ?? 0;
    await lay(at(5, 2), 'more', [
      label('4-0', 1 - truth, at(5, 2)),
      label('4-0', 1 - truth, at(5, 2), { receivedAtMs: at(5, 2) + 1 }),
      label('0-0', 1, at(5, 2)),
      label('nobody', 1, at(5, 2)),
    ]);
    await bench.serve(5);
    await bench.check(5);
    const pending = (await bench.report(5)).labels;
    await bench.serve(6);
    await bench.check(6);

    const { labels } = await bench.report(6);

    expect(pending).toMatchObject({ pendingCount: 0, orphanCount: 1 });
    expect(labels).toMatchObject({ correctionCount: 1, repeatedCount: 1, tooLateCount: 1, orphanCount: 1 });
    expect(labels.corrections[0]).toMatchObject({
      predictionId: '4-0',
      from: truth,
      to: 1 - truth,
      window: '2001-02-05T12:00:00.000Z',
    });
  });

  it('measures declared slices, groups and KPIs', async () => {
    const bench = await open({
      slices: [{ name: 'kind-a', where: { feature: 'kind', equals: 'a' }, weight: 1 }],
      fairness: { by: [{ name: 'kind', feature: 'kind' }], minRows: 20 },
      kpis: [{ name: 'refund', unit: '$', aggregate: 'mean' }],
    });
    for (let day = 0; day < 9; day += 1) await bench.serve(day, { kpi: day });
    await bench.check(8);

    const report = await bench.report(8);

    expect(report.quality.map(({ slice, rowCount }) => [slice, rowCount])).toEqual([
      ['all', 8 * ROWS],
      ['kind-a', (8 * ROWS) / 3],
    ]);
    expect(report.fairness?.rows[0]?.groups.map(({ group }) => group)).toEqual(['a', 'b']);
    expect(report.kpis).toMatchObject([{ name: 'refund', version: 1, rowCount: 8 * ROWS, value: { value: 4.5 } }]);
  });

  it('has nothing to say before the first label', async () => {
    const bench = await open();

    const said = await bench.check(0);

    expect(said).toMatchObject({ status: 'not enough labels' });
    expect((await bench.report(0)).days).toEqual([]);
  });
});
