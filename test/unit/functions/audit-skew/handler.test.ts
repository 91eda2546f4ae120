import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createHandler as createAudit } from '../../../../functions/audit-skew/handler.ts';
import { createHandler as createMaterialize } from '../../../../functions/materialize-features/handler.ts';
import { openDuckDb } from '../../../../shared/adapters/duckdb/index.ts';
import { createMemoryOnlineStore } from '../../../../shared/adapters/memory/online-store.ts';
import { captureDayPrefix, datasetDayKey, skewReportKey } from '../../../../shared/contracts/artifacts.ts';
import type { PredictionRecord } from '../../../../shared/contracts/capture.ts';
import { completeRows, onlinePlanOf } from '../../../../shared/core/features/index.ts';
import { DAY_MS, HOUR_MS, isoTime, utcDay } from '../../../../shared/kernel/time.ts';
import { entityDefinition } from '../../../helpers/entity-bench.ts';
import { BENCH_START_MS, openTrainingBench } from '../../../helpers/training-bench.ts';

const AUDITED_MS = BENCH_START_MS + 5 * DAY_MS;
const DAY = utcDay(AUDITED_MS);
const definition = entityDefinition();
const plan = onlinePlanOf(definition)!;

let logged: string[];
beforeEach(() => {
  logged = [];
  vi.spyOn(console, 'log').mockImplementation((line: string) => logged.push(line));
});

/** Requests of the audited day, as the platform would have answered and captured them. */
const serveDay = async () => {
  const bench = openTrainingBench(definition);
  await bench.loadDays(0, 6);
  const definitions = new Map([[definition.name, definition]]);
  const store = createMemoryOnlineStore();
  let nowMs = AUDITED_MS;
  const clock = { nowMs: () => nowMs };
  const openEngine = (spillFolder: string) => openDuckDb({ spillFolder });
  const materialize = createMaterialize({ definitions, data: bench.data, store, openEngine, clock });
  const records: PredictionRecord[] = [];
  for (const hour of [1, 2, 3]) {
    nowMs = AUDITED_MS + hour * HOUR_MS;
    await materialize({ model: 'toy', view: 'kind', scheduledAt: isoTime(nowMs) });
    nowMs += 45 * 60_000;
    for (const [i, kind] of ['a', 'b', 'c'].entries()) {
      const asked = { features: {}, entities: { kind }, values: { at: isoTime(nowMs), x: i / 7 } };
      const [row] = await completeRows(plan, [asked], { read: (keys) => store.read('toy', keys), nowMs: clock.nowMs });
      // As they are captured: what the model took, a float32.
      const inputs = Object.fromEntries(
        Object.entries(row!.features).map(([name, value]) => [name, Math.fround(Number(value))]),
      );
      const head = {
        kind: 'prediction',
        version: 1,
        modelDigest: 'd',
        output: 0.5,
        latencyMs: 1,
        model: 'toy',
      } as const;
      records.push({
        ...head,
        predictionId: `p-${hour}-${kind}`,
        atMs: nowMs,
        inputs,
        sources: row!.online as PredictionRecord['sources'],
      });
    }
  }
  const audit = createAudit({ stage: 'test', definitions, data: bench.data, openEngine, clock });
  return {
    bench,
    records,
    audit: async (captured: readonly PredictionRecord[]) => {
      const lines = captured.map((record) => `${JSON.stringify(record)}\n`).join('');
      await bench.data.put(`${captureDayPrefix('toy', DAY)}01/stream-1.gz`, gzipSync(lines));
      const output = await audit({ model: 'toy', scheduledAt: isoTime(AUDITED_MS + DAY_MS + 6.5 * HOUR_MS) });
      const report = JSON.parse(new TextDecoder().decode(await bench.data.get(skewReportKey('toy', DAY))));
      return { output, report };
    },
  };
};

const metricOf = (lines: readonly string[]): unknown =>
  lines.map((line) => JSON.parse(line).FeatureSkewShareMax).find((value) => value !== undefined);

describe('audit-skew', () => {
  it('finds no difference where serving and training compute the same, and shows what their age costs', async () => {
    const { audit, records } = await serveDay();

    const { output, report } = await audit([...records, records[0]!]);

    expect(output).toEqual({ day: DAY, rowCount: 9, skewShareMax: 0 });
    expect(
      report.served.map(({ feature, comparedCount, differingCount }: Record<string, unknown>) => [
        feature,
        comparedCount,
        differingCount,
      ]),
    ).toEqual([
      ['late_share', 9, 0],
      ['kind_rows', 9, 0],
      ['hour', 9, 0],
      ['excess', 9, 0],
    ]);
    // In three quarters of an hour rows became known and fell out of the day.
    expect(report.fresh[0]).toMatchObject({ feature: 'late_share', comparedCount: 9 });
    expect(report.fresh[0].differingCount).toBeGreaterThan(0);
    expect(report.fresh[2]).toMatchObject({ feature: 'hour', differingCount: 0 });
    expect(metricOf(logged)).toBe(0);
  });

  it('finds a feature that was served otherwise, by how much and in which prediction', async () => {
    const { audit, records } = await serveDay();
    const planted = records.map((record) =>
      record.predictionId === 'p-2-b'
        ? { ...record, inputs: { ...record.inputs, kind_rows: Number(record.inputs.kind_rows) + 2 } }
        : record,
    );

    const { output, report } = await audit(planted);

    expect(output.skewShareMax).toBeCloseTo(1 / 9, 12);
    expect(report.served[1]).toEqual({
      feature: 'kind_rows',
      comparedCount: 9,
      differingCount: 1,
      differingShare: 1 / 9,
      largestDifference: 2,
      worstPredictionId: 'p-2-b',
    });
    expect(report.served[0].differingCount).toBe(0);
    expect(metricOf(logged)).toBe(1 / 9);
    expect(logged.join()).not.toContain('p-2-b');
  });

  it('finds a request feature that was computed otherwise', async () => {
    const { audit, records } = await serveDay();
    const planted = records.map((record) => ({ ...record, inputs: { ...record.inputs, hour: 11 } }));

    const { report } = await audit(planted);

    expect(report.served[2]).toMatchObject({ feature: 'hour', comparedCount: 9, differingShare: 1 });
  });

  it('finds data that came after the time at which it says that it was known', async () => {
    const { audit, records, bench } = await serveDay();
    const day = await bench.data.get(datasetDayKey('toys', utcDay(AUDITED_MS - DAY_MS)));
    await bench.data.put(datasetDayKey('toys', utcDay(AUDITED_MS - DAY_MS), 'part-1'), day);

    const { output } = await audit(records);

    // By three o'clock the rows of the day before had left the window.
    expect(output.skewShareMax).toBe(2 / 3);
  });

  it('leaves out what the caller gave, and rows whose entity was not there', async () => {
    const { audit, records } = await serveDay();
    const [first, second, ...others] = records as [PredictionRecord, PredictionRecord, ...PredictionRecord[]];
    const sources = first.sources!;
    const given = {
      ...first,
      inputs: { ...first.inputs, late_share: 0.123 },
      sources: { ...sources, given: ['late_share', 'excess'] },
    };
    const absent = {
      ...second,
      inputs: { ...second.inputs, kind_rows: 0 },
      sources: { ...second.sources!, views: { kind: { status: 'NOT_FOUND' as const } } },
    };

    const { output, report } = await audit([given, absent, ...others]);

    expect(output.skewShareMax).toBe(0);
    expect(report.served[0]).toMatchObject({ feature: 'late_share', comparedCount: 7 });
    expect(report.notPresentCounts).toEqual({ kind: 1 });
  });

  it('publishes nothing of a day without predictions by entity', async () => {
    const { audit, records } = await serveDay();

    const { output } = await audit(records.map(({ sources: _, ...record }) => record));

    expect(output).toEqual({ day: DAY, rowCount: 0, skewShareMax: 0 });
    expect(metricOf(logged)).toBeUndefined();
  });
});
