import { expect, it } from 'vitest';
import { readReleases } from '../../../../functions/score-model-tests/read-releases.ts';
import { createMemoryArtifactStore } from '../../../../shared/adapters/memory/artifact-store.ts';
import { toJsonFile } from '../../../../shared/contracts/json-file.ts';
import { performanceReportKey } from '../../../../shared/contracts/performance-report.ts';
import type { DayPerformance } from '../../../../shared/core/performance/index.ts';
import type { ModelVersion, Rollout } from '../../../../shared/core/registry/index.ts';
import { DAY_MS, HOUR_MS, utcDay } from '../../../../shared/kernel/time.ts';
import { drawnPerformance } from '../../../browser/drawn-performance.ts';

const START = Date.UTC(2026, 10, 1);
const day = (index: number): string => utcDay(START + index * DAY_MS);

const versions = [1, 2].map((version) => ({
  model: 'toy',
  version,
  status: 'APPROVED',
  modelDigest: 'd',
  artifactPrefix: 'models/toy/d/',
  manifestDigest: 'm',
  metrics: { holdoutLoss: version / 10 },
})) as unknown as readonly ModelVersion[];
/** Version 1 comes into service on the first day, version 2 some days later; newest first. */
const rollouts = (secondOn: number) =>
  [
    { version: 2, startedAtMs: START + secondOn * DAY_MS, endedAtMs: START + secondOn * DAY_MS + HOUR_MS },
    { version: 1, startedAtMs: START - HOUR_MS, endedAtMs: START },
  ].map((rollout) => ({ status: 'PROMOTED', kind: 'model', ...rollout })) as unknown as readonly Rollout[];

const dayOf = (index: number, version: number, loss: number, change: Partial<DayPerformance> = {}): DayPerformance => ({
  day: day(index),
  rowCount: 100,
  labelledCount: 100,
  completeness: 1,
  mature: true,
  measured: {},
  versions: [
    { version, rowCount: 100, loss },
    { version: version + 1, rowCount: 900, loss: 9 },
  ],
  ...change,
});

const readWith = async (
  days: readonly DayPerformance[],
  {
    reported,
    secondOn = 9,
    task,
  }: { readonly reported: number; readonly secondOn?: number; readonly task?: 'regression' },
) => {
  const store = createMemoryArtifactStore();
  const report = { ...drawnPerformance(), ...(task === undefined ? {} : { task }), day: day(reported), days };
  await store.put(performanceReportKey('toy', day(reported)), toJsonFile(report));
  return readReleases(
    { name: 'data', store },
    { model: 'toy', day: day(reported), windowDays: 4, versions, rollouts: rollouts(secondOn) },
  );
};

it('is the mean loss of the version’s own answers over its first days, by one report of after them', async () => {
  const days = [dayOf(0, 1, 0.2), dayOf(1, 1, 0.4), dayOf(2, 1, 5, { mature: false }), dayOf(4, 1, 7)];

  const found = await readWith(days, { reported: 6 });

  expect(found).toMatchObject([
    { version: 1, offlineLoss: 0.1, where: `data: ${performanceReportKey('toy', day(6))}` },
  ]);
  expect(found[0]?.onlineLoss).toBeCloseTo(0.3, 12);
});

it('is of a regression the root of the mean square', async () => {
  const days = [dayOf(0, 1, 3), dayOf(1, 1, 4)];

  expect((await readWith(days, { reported: 6, task: 'regression' }))[0]?.onlineLoss).toBeCloseTo(Math.sqrt(12.5), 12);
});

it.each([
  ['whose first days are not over', [dayOf(0, 1, 0.2), dayOf(1, 1, 0.4)], { reported: 3 }],
  ['of whose days less than half have their labels', [dayOf(0, 1, 0.2)], { reported: 6 }],
  [
    'that another took the place of within its first days',
    [dayOf(0, 1, 0.2), dayOf(1, 1, 0.4)],
    { reported: 6, secondOn: 3 },
  ],
  ['of which the reports came weeks too late', [dayOf(0, 1, 0.2), dayOf(1, 1, 0.4)], { reported: 40 }],
] as const)('there is none of a version %s', async (_, days, asked) => {
  expect(await readWith(days, asked)).toEqual([]);
});
