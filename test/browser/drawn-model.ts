import type { LineageEdge, LineageNode } from '../../shared/core/lineage/index.ts';
import { scoreModelTests } from '../../shared/core/ml-test-score/index.ts';
import type { ModelFacts } from '../../shared/core/pages/index.ts';
import type { Deployment, TrainingRun } from '../../shared/core/registry/index.ts';
import { DAY_MS, HOUR_MS, utcDay } from '../../shared/kernel/time.ts';
import { drawnRollout } from '../helpers/judged-rollouts.ts';
import { completeRecords, vouched } from '../helpers/model-records.ts';
import { DRIFT_DAYS, DRIFT_FIRST_MS, drawnDriftReports } from './drawn-drift.ts';
import { drawnPerformance } from './drawn-performance.ts';

/** A model with everything that a page can show; texts of users' hold what HTML would take for its own. */

export const DRAWN_AT_MS = DRIFT_FIRST_MS + DRIFT_DAYS * DAY_MS + 6 * HOUR_MS;

const edge = (upstream: LineageNode, downstream: LineageNode, at: number): LineageEdge => ({
  upstream,
  downstream,
  recordedAtMs: DRIFT_FIRST_MS + at * HOUR_MS,
});

const lineage = (): readonly LineageEdge[] =>
  [1, 2, 3].flatMap((version) => {
    const run = { kind: 'run', id: `toy/run-${version}` } as const;
    const node = { kind: 'model-version', id: `toy@${version}` } as const;
    const rollout = { kind: 'rollout', id: `toy/rollout-${version}` } as const;
    return [
      edge({ kind: 'dataset-snapshot', id: `${version}f3a9c81be0d47` }, run, version),
      edge({ kind: 'feature-view', id: 'toy/0d4e' }, run, version),
      edge(run, node, version + 1),
      edge(node, rollout, version + 2),
      ...(version === 2 ? [] : [edge(rollout, { kind: 'deployment', id: `toy/rollout-${version}` }, version + 3)]),
      ...Array.from({ length: version === 2 ? 0 : 7 }, (_, day) =>
        edge(
          node,
          { kind: 'prediction-window', id: `toy/${utcDay(DRIFT_FIRST_MS + (7 * version + day - 7) * DAY_MS)}` },
          30 * version + day,
        ),
      ),
    ];
  });

const run = (number: number, more: Partial<TrainingRun>): TrainingRun => ({
  model: 'toy',
  runId: `run-${number}`,
  executionArn: 'arn',
  status: 'FINISHED',
  cause: { kind: 'schedule', scheduledAt: '2026-11-01T06:00:00Z' },
  startedAtMs: DRIFT_FIRST_MS + number * DAY_MS,
  endedAtMs: DRIFT_FIRST_MS + number * DAY_MS + HOUR_MS,
  version: number,
  ...more,
});

const score = (): NonNullable<ModelFacts['score']> =>
  scoreModelTests(completeRecords({ reproductions: [], scores: [], attestations: [vouched('data-5')] }), {
    day: '2026-11-21',
    earlier: [{ day: '2026-11-14', score: 1.5, sections: { data: 1.5, model: 5, infrastructure: 4, monitoring: 6 } }],
  });

export const drawnModelFacts = (): ModelFacts => ({
  model: 'toy',
  owner: 'team <tools>',
  description: 'Will a <flight> be late?',
  atMs: DRAWN_AT_MS,
  deployment: { model: 'toy', version: 3, promotedAtMs: DRIFT_FIRST_MS, rolloutId: 'rollout-3' } as Deployment,
  runs: [
    run(4, {
      status: 'FAILED',
      cause: { kind: 'alarm', alarmName: 'millrace-dev-toy-drift', reason: 'drift <b>' },
      outcome: 'the candidate is worse than the champion by 0.01',
    }),
    run(3, { cause: { kind: 'alarm', alarmName: 'millrace-dev-toy-drift', reason: 'threshold crossed' } }),
    run(2, {}),
    run(1, {}),
  ],
  rollout: drawnRollout({ version: 3, errorShare: 0.02, running: true }),
  driftReports: drawnDriftReports(),
  performance: drawnPerformance(),
  tests: {
    day: '2026-11-21',
    status: 'fail',
    passCount: 2,
    failCount: 1,
    skippedCount: 1,
    cleanDays: { statement: 'at least 95 % of clean days pass every condition that the reference made' },
    tests: [
      {
        check: 'prediction-drift',
        status: 'fail',
        severity: 'high',
        measured: 0.31,
        condition: { below: 0.2 },
        conditionFrom: 'reference',
        reason: 'PSI 0.31 is not below 0.2',
        failingSince: '2026-11-19',
      },
      {
        check: 'missing-share',
        column: 'wind',
        status: 'pass',
        severity: 'low',
        measured: 0,
        condition: { atMost: 0.01 },
        conditionFrom: 'default',
        reason: 'nothing is missing',
      },
      {
        check: 'group-difference',
        by: 'origin',
        metric: 'demographicParity',
        status: 'pass',
        severity: 'medium',
        measured: 0.1,
        condition: { atMost: 0.1 },
        conditionFrom: 'default',
        reason: '0.1 (0.07 to 0.13), must be at most 0.1',
      },
      { check: 'label-share', status: 'skipped', severity: 'low', reason: 'no labels are in <yet>' },
    ],
  },
  score: score(),
  worth: {
    'run-3': {
      decision: 'retrain',
      reason: 'the gain of 0.02 (0.01 to 0.03) is worth $14 against $0.02',
      costUsd: 0.02,
      backTest: { gain: { mean: 0.02, lower: 0.01, upper: 0.03 }, days: [1, 2, 3, 4, 5, 6, 7], betterDayCount: 7 },
      value: {
        gainUsd: { mean: 14, lower: 7, upper: 21 },
        horizonDays: 28,
        predictionsPerDay: 480,
        predictionsFrom: { kind: 'captured', dayCount: 28, throughDay: '2026-11-15' },
      },
    },
  },
  staleness: {
    points: [
      { fromDays: 7, toDays: 14, addedLoss: 0.002, lower: -0.001, upper: 0.005 },
      { fromDays: 14, toDays: 28, addedLoss: 0.006, lower: 0.002, upper: 0.01 },
    ],
    paysFromDays: 12,
    statement: 'From an age of 12 days on retraining pays.',
  },
  lineage: lineage(),
  notifications: [
    {
      id: 'drift@1',
      event: 'drift',
      severity: 'high',
      title: 'toy drifts <most in wind>',
      openedAtMs: DRAWN_AT_MS - DAY_MS,
      tellings: [
        { status: 'told', round: 1 },
        { status: 'failed', round: 1 },
      ],
      acknowledged: { by: 'ann', atMs: DRAWN_AT_MS - HOUR_MS, note: 'looking at it' },
    },
  ],
});

/** A model of which nothing is on record yet. */
export const bareModelFacts = (): ModelFacts => ({
  model: 'fresh',
  owner: 'nobody yet',
  description: '',
  atMs: DRAWN_AT_MS,
  runs: [],
  driftReports: [],
  worth: {},
  lineage: [],
  notifications: [],
});
