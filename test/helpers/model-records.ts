import { attest, type ModelRecords, type Recorded } from '../../shared/core/ml-test-score/index.ts';
import type { Rollout } from '../../shared/core/registry/index.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../shared/kernel/time.ts';
import { CARD_VERSION } from './card-evidence.ts';

/** Everything that a model can have on record, so that each item of its ML Test Score has a whole point. */

export const SCORED_AT_MS = Date.UTC(2026, 10, 22, 6);
const REGISTERED_MS = SCORED_AT_MS - 20 * DAY_MS;

export const recorded = <T>(content: T, where: string, ageDays = 0): Recorded<T> => ({
  where,
  atMs: SCORED_AT_MS - ageDays * DAY_MS,
  content,
});

const rolloutOf = (change: Partial<Rollout>): Rollout => {
  const startedAtMs = REGISTERED_MS + HOUR_MS;
  return {
    model: 'toy',
    rolloutId: 'approved-2',
    kind: 'model',
    version: 2,
    previousVersion: 1,
    previousLambdaVersion: '1',
    lambdaVersion: '2',
    status: 'PROMOTED',
    startedAtMs,
    endedAtMs: startedAtMs + DAY_MS,
    weights: [0.1, 1],
    shifts: [
      { weight: 0.1, atMs: startedAtMs },
      { weight: 1, atMs: startedAtMs + DAY_MS },
    ],
    reason: 'every step held',
    ...change,
  };
};

/** A roll-back by a person's word, done within so many seconds. */
export const rollBackOf = (seconds: number): Rollout => {
  const startedAtMs = SCORED_AT_MS - 5 * DAY_MS;
  return rolloutOf({
    rolloutId: 'rollback-drill',
    kind: 'code',
    startedAtMs,
    endedAtMs: startedAtMs + seconds * 1_000,
    weights: [1],
    shifts: [{ weight: 1, atMs: startedAtMs + seconds * 1_000 }],
    decision: { action: 'roll back', reason: 'drill', decidedBy: 'ann', decidedAtMs: startedAtMs },
  });
};

const run = (version: number, minutes: number) => {
  const startedAtMs = REGISTERED_MS - (2 - version) * 30 * DAY_MS - minutes * MINUTE_MS;
  return {
    model: 'toy',
    runId: `run-${version}`,
    executionArn: 'arn',
    status: 'FINISHED',
    cause: { kind: 'call', principal: 'bob' },
    startedAtMs,
    endedAtMs: startedAtMs + minutes * MINUTE_MS,
    version,
  } as const;
};

/** What each item needs of tests that ran elsewhere. */
const RESULTS = ['data-3', 'data-4', 'data-5', 'data-7', 'model-3', 'infrastructure-2', 'infrastructure-3'];

export const completeRecords = (change: Partial<ModelRecords> = {}): ModelRecords => {
  const version = { ...CARD_VERSION, registeredAtMs: REGISTERED_MS, trainedThroughMs: REGISTERED_MS - DAY_MS };
  const approved = { ...version, decidedBy: 'ann', decidedAtMs: REGISTERED_MS + 1_000 };
  const equal = { expected: 'd', found: 'd', equal: true };
  return {
    model: 'toy',
    nowMs: SCORED_AT_MS,
    definition: {
      task: 'binary-classification',
      approval: 'manual',
      featureViewCount: 1,
      notificationCount: 1,
      retrainsOn: ['drift'],
    },
    version: approved,
    run: run(2, 10),
    materials: recorded(
      {
        features: [
          { name: 'size', type: 'number', min: 0, nullable: false },
          { name: 'colour', type: 'category', nullable: true },
        ],
        functionCount: 3,
      },
      'artifacts: models/toy/d/bill-of-materials.json',
      20,
    ),
    evaluation: recorded(
      {
        passed: true,
        findings: [{ rule: 'gain-over-baseline', passed: true, message: 'the loss must be lower' }],
        loss: 0.4,
        baseline: { prediction: 0.25, loss: 0.5623 },
      },
      'artifacts: models/toy/d/evaluation.json',
      20,
    ),
    report: recorded(
      {
        importance: [
          { feature: 'size', lossIncrease: 0.1, interval: { lower: 0.05, upper: 0.15 } },
          { feature: 'colour', lossIncrease: 0.02, interval: { lower: 0.01, upper: 0.03 } },
        ],
        slices: [{ feature: 'colour', value: 'red', rowCount: 100, labelMean: 0.5, loss: 0.6 }],
        simplerModel: {
          what: 'one tree of 8 leaves',
          loss: 0.45,
          lossAboveCandidate: { mean: 0.05, lower: 0.02, upper: 0.08 },
        },
      },
      'artifacts: models/toy/d/report.json',
      20,
    ),
    featureReport: recorded(
      { passed: true, findings: [], rowCount: 1_000 },
      'artifacts: runs/toy/run-2/features/report.json',
      20,
    ),
    explanation: recorded({ backgroundRowCount: 100, coverCount: 40 }, 'artifacts: models/toy/d/explanation.json', 20),
    scores: RESULTS.map((item) => ({
      version: 2,
      dataset: `ml-test:${item}`,
      metrics: { passed: 12, failed: 0 },
      atMs: REGISTERED_MS,
      by: 'ci',
    })),
    versions: [approved, { ...version, version: 1 }],
    runs: [run(2, 10), run(1, 9)],
    rollouts: [rollBackOf(6), rolloutOf({})],
    featureLists: [
      { version: 2, features: ['size', 'colour'] },
      { version: 1, features: ['size'] },
    ],
    reproductions: [
      recorded(
        { outcome: 'equal', files: { 'model.onnx': equal }, differences: [], version: 2 },
        'artifacts: runs/toy/version-2-a/reproduction.json',
        10,
      ),
    ],
    replay: recorded(
      { outcome: 'passed', rowCount: 500, challengerFailures: 0, latency: { challengerMs: 0.2, championMs: 0.2 } },
      'artifacts: rollouts/toy/approved-2/replay.json',
      20,
    ),
    drift: recorded(
      {
        version: 2,
        rowCount: 5_000,
        outOfRangeShareMax: 0,
        missingShareMax: 0.01,
        watchedColumnCount: 3,
        notFiniteColumns: [],
      },
      'data: reports/toy/drift/2026-11-21.json',
    ),
    skew: recorded({ comparedCount: 900, skewShareMax: 0 }, 'data: reports/toy/skew/2026-11-21.json'),
    performance: recorded(
      {
        status: 'within limits',
        limitCount: 1,
        crossed: [],
        slices: ['red'],
        fairness: { by: ['colour'], metricCount: 2 },
      },
      'data: reports/toy/performance/2026-11-21.json',
    ),
    tests: recorded(
      {
        tests: ['schema-faults', 'freshness-hours', 'staleness-days', 'latency-ms'].map((check) => ({
          check,
          passed: true,
          reason: '1, must be at most 2',
        })),
      },
      'data: reports/toy/tests/2026-11-21.json',
    ),
    staleness: recorded(
      {
        points: [0, 7, 14].map((fromDays) => ({ fromDays, toDays: fromDays + 7, addedLoss: 0.01, lower: 0.001 })),
        statement: 'a week costs 0.01',
      },
      'artifacts: runs/toy/run-3/staleness.json',
      10,
    ),
    trace: recorded(
      { predictionId: 'p-1', version: 2, operatorCount: 4, treeCount: 60, difference: 0, notFiniteCount: 0 },
      'data: capture/toy/2026/11/21/05/a.gz',
    ),
    releases: [4, 3, 2, 1].map((version) => ({
      version,
      offlineLoss: 0.4 + version / 100,
      onlineLoss: 0.42 + version / 90,
      where: `data: reports/toy/drift/2026-11-${10 + version}.json`,
      atMs: SCORED_AT_MS - version * DAY_MS,
    })),
    attestations: [],
    ...change,
  };
};

/** A word that is a day old. */
export const vouched = (item: string) =>
  attest({ item, note: 'reviewed by hand, see the wiki', by: 'ann', atMs: SCORED_AT_MS - DAY_MS, requestId: 'r-1' });
