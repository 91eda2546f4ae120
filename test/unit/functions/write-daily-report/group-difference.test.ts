import { gzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { createHandler as createMeasure } from '../../../../functions/measure-performance/handler.ts';
import { createHandler as createReport } from '../../../../functions/write-daily-report/handler.ts';
import { createMemoryArtifactStore } from '../../../../shared/adapters/memory/artifact-store.ts';
import { createMemoryEventPublisher } from '../../../../shared/adapters/memory/event-publisher.ts';
import { captureDayPrefix } from '../../../../shared/contracts/artifacts.ts';
import type { ModelDefinitionInput } from '../../../../shared/contracts/model-definition.ts';
import { parse } from '../../../../shared/contracts/parse.ts';
import { performanceReportKey } from '../../../../shared/contracts/performance-report.ts';
import { dailyReportKey, TestSuiteReportSchema, testReportKey } from '../../../../shared/contracts/test-suite.ts';
import { seededRandom } from '../../../../shared/core/explanation/index.ts';
import type { PerformanceReport } from '../../../../shared/core/performance/index.ts';
import type { DailyReport, TestSuiteReport } from '../../../../shared/core/test-suite/index.ts';
import { DAY_MS, HOUR_MS, isoTime, utcDay } from '../../../../shared/kernel/time.ts';
import { benchDefinition } from '../../../helpers/training-bench.ts';

const FIRST = Date.UTC(2001, 1, 1);
const DAYS = 9;
const ROWS = 150;
const DAY = utcDay(FIRST + (DAYS - 1) * DAY_MS);
const CHECK = { model: 'toy', scheduledAt: isoTime(FIRST + DAYS * DAY_MS + 6 * HOUR_MS) };
const KINDS = ['a', 'b', 'c'] as const;
const PERFORMANCE = {
  windowDays: 14,
  labelHorizonDays: 3,
  minRows: 200,
  kpis: [{ name: 'refund', unit: '$', aggregate: 'mean' as const }],
};
const FAIRNESS = { by: [{ name: 'kinds', feature: 'kind' }], minRows: 50 };

type Tests = NonNullable<NonNullable<ModelDefinitionInput['monitors']>['tests']>;
type Told = readonly { readonly type: string; readonly detail: object }[];

/** Predictions of a day and what came of them half a day later: labels do not depend on the kind, answers may. */
const linesOf = (day: number, biasOfA: number) => {
  const random = seededRandom(day + 1);
  const atMs = FIRST + day * DAY_MS + 10 * HOUR_MS;
  const rows = Array.from({ length: ROWS }, (_, i) => {
    const kind = KINDS[i % 3] as string;
    const positive = random() < 0.35 + (kind === 'a' ? biasOfA : 0);
    return { predictionId: `${day}-${i}`, kind, output: positive ? 0.8 : 0.2, label: random() < 0.4 ? 1 : 0 };
  });
  const version = day < 5 ? 1 : 2;
  const predictions = rows.map(({ predictionId, kind, output }) => ({
    ...{ kind: 'prediction', predictionId, atMs, model: 'toy', version, modelDigest: 'd', latencyMs: 1 },
    ...{ inputs: { x: output, kind }, output },
  }));
  const labels = rows.map(({ predictionId, label }) => ({
    ...{ kind: 'label', predictionId, model: 'toy', label, kpis: { refund: day } },
    ...{ knownAtMs: atMs + 12 * HOUR_MS, receivedAtMs: atMs + 12 * HOUR_MS },
  }));
  return { atMs, records: [...predictions, ...labels] };
};

/** Both checks of the morning after nine days. */
const checked = async ({
  biasOfA = 0,
  fairness = true,
  tests,
}: {
  biasOfA?: number;
  fairness?: boolean;
  tests?: Tests;
}) => {
  const data = createMemoryArtifactStore();
  const events = createMemoryEventPublisher();
  for (let day = 0; day < DAYS; day += 1) {
    const { atMs, records } = linesOf(day, biasOfA);
    const lines = records.map((record) => `${JSON.stringify(record)}\n`).join('');
    await data.put(`${captureDayPrefix('toy', utcDay(atMs))}10/lines.gz`, gzipSync(lines));
  }
  const performance = { ...PERFORMANCE, ...(fairness ? { fairness: FAIRNESS } : {}) };
  const definition = benchDefinition({ monitors: { performance, ...(tests === undefined ? {} : { tests }) } });
  const shared = { definitions: new Map([['toy', definition]]), data, events, files: { read: async () => undefined } };
  const version = { model: 'toy', version: 2, status: 'APPROVED', artifactPrefix: 'models/toy/d/', modelDigest: 'd' };
  const packaged = { artifactPrefix: 'models/toy/d/', manifestDigest: 'm' };

  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  await createMeasure({ ...shared, stage: 'test', clock: { nowMs: () => FIRST } })({
    ...CHECK,
    version: 2,
    package: packaged,
  });
  const [line = '{}'] = log.mock.calls.map(([text]) => String(text)).filter((text) => text.includes('_aws'));
  log.mockRestore();
  await createReport({
    ...shared,
    registry: {
      getDeployment: async () => ({ version: 2 }) as never,
      getVersion: async () => ({ ...version, metrics: {}, trainedThroughMs: FIRST }) as never,
      listVersions: async () => ({ items: [] }),
      listRollouts: async () => ({ items: [] }),
      listRuns: async () => ({ items: [] }),
    },
    shadowDays: { list: async () => [] },
    artifacts: createMemoryArtifactStore(),
  })(CHECK);

  const text = async (key: string): Promise<string> => new TextDecoder().decode(await data.get(key));
  const report: TestSuiteReport = JSON.parse(await text(testReportKey('toy', DAY)));
  return {
    report,
    of: (id: string) => report.tests.find((test) => test.id === id),
    performance: JSON.parse(await text(performanceReportKey('toy', DAY))) as PerformanceReport,
    daily: JSON.parse(await text(dailyReportKey('toy', DAY, 'json'))) as DailyReport,
    page: await text(dailyReportKey('toy', DAY, 'html')),
    told: events.published as Told,
    metrics: JSON.parse(line) as { readonly GroupDifference?: number; readonly Loss?: number },
  };
};

const PARITY = 'group-difference/demographicParity/by kinds';
const ODDS = 'group-difference/equalizedOdds/by kinds';

describe('a difference between groups', () => {
  it('that was planted is found, told, published and reported on', async () => {
    const { report, of, told, metrics, page, performance, daily } = await checked({ biasOfA: 0.3 });

    expect(parse(TestSuiteReportSchema, report)).toEqual(report);
    expect([of(PARITY), of(ODDS)]).toMatchObject([
      { status: 'fail', severity: 'medium', by: 'kinds', conditionFrom: 'default', failingSince: DAY },
      { status: 'fail', severity: 'medium', by: 'kinds' },
    ]);
    expect(of(PARITY)?.interval?.[0]).toBeGreaterThan(0.1);
    expect(of(PARITY)?.detail).toEqual([
      expect.stringMatching(/^selectionRate from [bc] 0\.3\d* to a 0\.6\d*, of 3 groups$/),
    ]);
    expect(told.map(({ type }) => type)).toEqual(['Monitoring Tests Failed', 'Daily Report Written']);
    expect(told[0]?.detail).toMatchObject({ model: 'toy', day: DAY, since: DAY, severity: 'medium' });
    expect(JSON.stringify(told[0]?.detail)).toContain(PARITY);
    expect(daily.open).toContain('tests');
    const [summary] = performance.fairness?.summaries ?? [];
    expect(metrics.GroupDifference).toBe(
      Math.max(summary?.demographicParity.difference.value ?? 0, summary?.equalizedOdds?.difference.value ?? 0),
    );
    expect(page).toContain(`<li>${PARITY} (medium): `);
    expect(page).toContain('groups fare differently');
  });

  it('that is not there alarms nobody', async () => {
    const { of, told, metrics } = await checked({});

    expect([of(PARITY)?.status, of(ODDS)?.status]).toEqual(['pass', 'pass']);
    expect(of(PARITY)?.interval?.[0]).toBeLessThan(0.05);
    expect(told.map(({ type }) => type)).toEqual(['Daily Report Written']);
    expect(metrics.GroupDifference).toBeLessThan(0.2);
  });

  it('may be as large as is declared', async () => {
    const tests: Tests = [
      { check: 'group-difference', by: 'kinds', metric: 'demographicParity', atMost: 0.5 },
      { check: 'group-difference', by: 'kinds', metric: 'equalizedOdds', atMost: 0.5 },
    ];
    const { of, told } = await checked({ biasOfA: 0.3, tests });

    expect([of(PARITY), of(ODDS)]).toMatchObject([
      { status: 'pass', conditionFrom: 'declared' },
      { status: 'pass', conditionFrom: 'declared' },
    ]);
    expect(told.map(({ type }) => type)).toEqual(['Daily Report Written']);
  });

  it('is not tested without a sensitive column, and is no metric then', async () => {
    const { of, metrics } = await checked({ biasOfA: 0.3, fairness: false });

    expect(of('group-difference')?.reason).toContain('no sensitive column is declared');
    expect(metrics.Loss).toBeGreaterThan(0);
    expect(metrics.GroupDifference).toBeUndefined();
  });
});

it('draws business figures of each version by day in the daily report', async () => {
  const { daily, page } = await checked({});

  const figures = daily.performance?.days.map(({ kpis = [] }) =>
    kpis.map(({ version, value }) => [version, value.value]),
  );
  expect(figures?.slice(3, 7)).toEqual([[[1, 3]], [[1, 4]], [[2, 5]], [[2, 6]]]);
  expect(page).toContain('<h2>Business figures</h2>');
  expect(page).toContain('<title>refund ($) by day and version</title>');
  expect(page).toContain('Version 2 on 4 days, on 2001-02-09 8');
});
