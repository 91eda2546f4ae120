import type { Effect } from '../../infra/local/chaos/effects.ts';
import type { ChaosFacts, ModelFacts } from '../../infra/local/chaos/facts.ts';

/** What a run leaves behind in which nothing went wrong: one version, trained by an alarm, in service, asked once. */

const DIGEST = 'd'.repeat(64);
const MANIFEST = 'e'.repeat(64);
const RANG_AT_MS = Date.UTC(2001, 0, 10, 6);
const ALARM = 'millrace-local-rill-drift';
export const CAUSE = { kind: 'alarm', alarmName: ALARM, stateChangedAt: new Date(RANG_AT_MS).toISOString() };

const MODEL: ModelFacts = {
  name: 'rill',
  expectedVersion: 1,
  latestVersion: 1,
  champion: 1,
  versions: [
    {
      model: 'rill',
      version: 1,
      runId: 'run-1',
      status: 'APPROVED',
      modelDigest: DIGEST,
      artifactPrefix: `models/rill/${DIGEST}/`,
      manifestDigest: MANIFEST,
      metrics: {},
      trainedThroughMs: 0,
      datasetSnapshot: 'snap',
      registeredAtMs: 1,
    },
  ],
  runVersions: { 'run-1': 1 },
  runs: [
    {
      model: 'rill',
      runId: 'run-1',
      executionArn: 'arn:1',
      status: 'FINISHED',
      cause: CAUSE,
      startedAtMs: 0,
      version: 1,
    },
  ],
  rollouts: [
    {
      model: 'rill',
      rolloutId: 'roll-1',
      kind: 'model',
      version: 1,
      status: 'PROMOTED',
      startedAtMs: 2,
      lambdaVersion: '2',
      previousLambdaVersion: '1',
      weights: [0.5, 1],
    },
  ],
  deployment: { model: 'rill', version: 1, lambdaVersion: '2', codeSha256: 'c', rolloutId: 'roll-1', promotedAtMs: 3 },
  alias: { lambdaVersion: '2', weights: {} },
  pins: { 1: 0, 2: 1 },
  artifacts: [{ version: 1, manifestDigest: MANIFEST, files: { 'model.onnx': { found: DIGEST, stated: DIGEST } } }],
  answered: [{ predictionId: 'p-1', atMs: 100, version: 1, output: 0.25, expected: 0.25 }],
  captured: [{ predictionId: 'p-1', atMs: 100, version: 1, output: 0.25, modelDigest: DIGEST }],
  captureFailures: 0,
  windows: [{ day: '1970-01-01', fromMs: 0, toMs: 1_000, rowCount: 1 }],
};

const edge = (upstream: readonly [string, string], downstream: readonly [string, string]) =>
  (['upstream', 'downstream'] as const).map((at) => ({
    upstream: { kind: upstream[0], id: upstream[1] },
    downstream: { kind: downstream[0], id: downstream[1] },
    at,
  }));

export const SHIFT = 'millrace-local-shift-traffic';
const rollout = { kind: 'rollout', model: 'rill', rolloutId: 'roll-1' } as const;
const alias = { kind: 'alias', by: SHIFT, model: 'rill' } as const;

export const SOUND_EFFECTS: readonly Effect[] = [
  { kind: 'registered', model: 'rill', version: 1 },
  { kind: 'event', type: 'Model Version Registered', model: 'rill', version: 1 },
  { kind: 'decided', model: 'rill', version: 1, status: 'APPROVED' },
  { kind: 'event', type: 'Model Version Approved', model: 'rill', version: 1 },
  { ...rollout, status: 'RUNNING', weights: [] },
  { kind: 'published', model: 'rill', lambdaVersion: '2', version: 1 },
  { ...rollout, lambdaVersion: '2' },
  { ...rollout, weights: [0.5] },
  { ...alias, lambdaVersion: '1', weights: { 2: 0.5 } },
  { ...rollout, weights: [0.5, 1] },
  { ...alias, lambdaVersion: '2', weights: {} },
  { ...rollout, status: 'PROMOTED' },
  { kind: 'deployed', model: 'rill', version: 1, lambdaVersion: '2', rolloutId: 'roll-1' },
];

export const SOUND_FACTS: ChaosFacts = {
  models: [MODEL],
  lineage: [
    ...edge(['dataset-snapshot', 'snap'], ['run', 'rill/run-1']),
    ...edge(['run', 'rill/run-1'], ['model-version', 'rill@1']),
    ...edge(['model-version', 'rill@1'], ['deployment', 'rill/roll-1']),
    ...edge(['model-version', 'rill@1'], ['rollout', 'rill/roll-1']),
    ...edge(['rollout', 'rill/roll-1'], ['deployment', 'rill/roll-1']),
    ...edge(['dataset', 'rills'], ['dataset-snapshot', 'snap']),
    ...edge(['dataset', 'rills'], ['feature-view', 'rill/view']),
    ...edge(['feature-view', 'rill/view'], ['run', 'rill/run-1']),
  ],
  executions: [
    { arn: 'arn:1', name: 'run-1', workflow: 'train-rill', status: 'SUCCEEDED' },
    { arn: 'arn:2', name: 'roll-1', workflow: 'canary-rollout', status: 'SUCCEEDED' },
  ],
  effects: SOUND_EFFECTS,
  mails: [],
  deadLetters: { DeadLetters: 0 },
  alarms: [{ name: ALARM, to: 'ALARM', atMs: RANG_AT_MS }],
  problems: [],
};

/** The same with its model changed. */
export const withModel = (change: Partial<ModelFacts>): ChaosFacts => ({
  ...SOUND_FACTS,
  models: [{ ...MODEL, ...change }],
});

export const SOUND_MODEL = MODEL;
