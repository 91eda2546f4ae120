import { CloudWatchClient, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import {
  GetFunctionConfigurationCommand,
  ListVersionsByFunctionCommand,
  UpdateAliasCommand,
} from '@aws-sdk/client-lambda';
import { DeleteObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ListStateMachinesCommand, SFNClient, StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { EVALUATION_FILE, MANIFEST_FILE, MODEL_FILE } from '../../../../shared/contracts/artifacts.ts';
import type { Evaluation } from '../../../../shared/contracts/evaluation.ts';
import { dailyReportAt, EVENT_SOURCE, type EventType } from '../../../../shared/contracts/events.ts';
import { toJsonFile } from '../../../../shared/contracts/json-file.ts';
import { alarmName } from '../../../../shared/contracts/metric-names.ts';
import {
  inferenceFunctionName,
  LIVE_ALIAS,
  modelUploadName,
  reproductionName,
  trainingPipelineName,
} from '../../../../shared/contracts/names.ts';
import { DAY_MS, HOUR_MS, utcDay } from '../../../../shared/kernel/time.ts';
import type { ModelSet } from '../../chaos/prepare-assemblies.ts';
import { SCENARIOS, SCENE_BEGINS_MS, type Scenario, type Scene } from '../../chaos/scenarios.ts';
import { answering } from '../../chaos/toy-trees.ts';
import { type FaultSource, NO_FAULTS } from '../../contracts.ts';
import { playBatchScoring } from './batch-scene.ts';
import { playExactRouting } from './exact-scene.ts';
import { askPlatform, bringModel, playGovernance } from './governance-scene.ts';
import { refuseRun, repeatStep } from './refused-runs.ts';
import { playRollBacks } from './roll-back-scene.ts';
import { playShadow } from './shadow-scene.ts';
import { playTracking } from './tracking-scene.ts';

/** What walks the platform's paths: the scenarios of the chaos runs, and what only goes wrong. */

export interface DrillScene {
  readonly models: ModelSet;
  readonly faults: FaultSource;
  readonly play: (scene: Scene) => Promise<void>;
  /** @default the afternoon in which the scenarios of the chaos runs begin, a Tuesday */
  readonly startMs?: number;
  /** How long everything may come to rest afterwards. */
  readonly quietMs: number;
}

const QUIET_MS = 6 * HOUR_MS;
const STAGE = 'local';
/** Retries of EventBridge, Scheduler and Lambda have come to their end, and the alarms have looked. */
const UNTIL_GIVEN_UP_MS = 12 * HOUR_MS;

/** Nothing that a rule or a schedule hands over arrives: all of it ends in the dead-letter queues. */
const NOTHING_ARRIVES: FaultSource = {
  ...NO_FAULTS,
  delivery: ({ service }) => (service === 'events' || service === 'scheduler' ? { kind: 'reject' } : undefined),
};

const INVOKED_BY_EVENTS = [
  'request-training',
  'request-packaging',
  'deliver-webhook',
  'publish-openlineage',
  'meter-usage',
  'compare-versions',
  'watch-experiments',
  'notify-people',
];

/** The functions that are invoked by events fail whenever they call AWS. */
const INVOCATIONS_FAIL: FaultSource = {
  ...NO_FAULTS,
  call: ({ caller }) =>
    INVOKED_BY_EVENTS.some((name) => caller === `millrace-${STAGE}-${name}`) ? { kind: 'server-error' } : undefined,
};

const upload = async ({ operator, session }: Scene, runId: string, logOdds: number): Promise<number> => {
  const version = await operator.upload('weir', runId, answering(logOdds));
  await operator.patiently(() => session.platform.approve('weir', version, runId));
  return version;
};

const ring = async ({ session }: Scene, name: string, value: 'OK' | 'ALARM'): Promise<void> => {
  const client = new CloudWatchClient(session.clientConfig);
  await client.send(new SetAlarmStateCommand({ AlarmName: name, StateValue: value, StateReason: 'a drill' }));
  client.destroy();
};

/** Starts a workflow as an operator would. */
const startWorkflow = async ({ session }: Scene, name: string, input: object): Promise<void> => {
  const states = new SFNClient(session.clientConfig);
  const { stateMachines = [] } = await states.send(new ListStateMachinesCommand({}));
  const stateMachineArn = stateMachines.find((machine) => machine.name === name)?.stateMachineArn;
  await states.send(new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }));
  states.destroy();
};

const publish = async ({ session }: Scene, DetailType: EventType, detail: object): Promise<void> => {
  const events = new EventBridgeClient(session.clientConfig);
  const EventBusName = session.cloud.outputs[`Millrace-${STAGE}-data`]?.EventBusName;
  const entry = { EventBusName, Source: EVENT_SOURCE, DetailType, Detail: JSON.stringify(detail) };
  await events.send(new PutEventsCommand({ Entries: [entry] }));
  events.destroy();
};

/** A change of the tracking API's registry. */
const changeRegistry = (scene: Scene): Promise<void> =>
  publish(scene, 'Registry Changed', {
    workspace: 'default',
    entity: 'registered_model',
    action: 'created',
    data: { name: 'drilled' },
  });

/** Failed tests, of which people are told. */
const failTests = (scene: Scene, model: string): Promise<void> => {
  const day = utcDay(scene.session.cloud.clock.nowMs() - DAY_MS);
  const failing = [{ id: 'schema-faults', severity: 'medium', reason: 'a drill' }];
  const report = dailyReportAt(model, day);
  return publish(scene, 'Monitoring Tests Failed', { model, day, since: day, severity: 'medium', failing, report });
};

/** A client's version, told by its registration and by somebody who asks again. */
const askForPackage = async (scene: Scene, model: string): Promise<void> => {
  const data = { name: model, version: '1' };
  await publish(scene, 'Registry Changed', { workspace: 'default', entity: 'model_version', action: 'created', data });
  const asked = { principal: 'drill', requestId: 'drill' };
  await publish(scene, 'Packaging Requested', { kind: 'version', model, version: 1, ...asked });
};

/** Makes a version again. */
const reproduce = async (scene: Scene, model: string): Promise<void> => {
  await startWorkflow(scene, reproductionName(STAGE, model), { model, version: 1 });
  await scene.session.cloud.clock.advanceBy(HOUR_MS);
};

const removeArtifact = async ({ session }: Scene, Key: string): Promise<void> => {
  const s3 = new S3Client({ ...session.clientConfig, forcePathStyle: true });
  const Bucket = session.cloud.outputs[`Millrace-${STAGE}-data`]?.ArtifactBucketName;
  await s3.send(new DeleteObjectCommand({ Bucket, Key }));
  s3.destroy();
};

const QUALITY = { rowCount: 1, loss: 0.5, labelMean: 0.5, predictionMean: 0.5 };
/** What a gate that was passed leaves on record. */
const PASSED: Evaluation = {
  schemaVersion: 1,
  task: 'binary-classification',
  passed: true,
  findings: [],
  candidate: { quality: QUALITY, days: [] },
  baseline: { prediction: 0.5, loss: 0.5 },
};

/** A version whose model file is gone: the smoke test of its rollout says so. */
const loseModel = async (scene: Scene, model: string): Promise<void> => {
  const { session, operator } = scene;
  const files = new Map([...answering(7), [EVALUATION_FILE, toJsonFile(PASSED)]]);
  const version = await operator.upload(model, 'upload-lost', files);
  const found = (await session.platform.versions(model)).find((one) => one.version === version);
  await removeArtifact(scene, `${found?.artifactPrefix}${MODEL_FILE}`);
  await operator.patiently(() => session.platform.approve(model, version, 'a drill'));
  await operator.rolledOut(model, version);
};

/** What happens by the week happens on Sundays. */
const SATURDAY_MS = SCENE_BEGINS_MS + 4 * DAY_MS;

/** Drift, asked for training, new data and an approval, whose events nobody takes; a run that fails. */
const lostEvents: DrillScene = {
  models: 'batch',
  startMs: SATURDAY_MS,
  faults: NOTHING_ARRIVES,
  quietMs: 0,
  async play(scene) {
    const { session, operator, rows } = scene;
    await operator.load('flume', [rows.whole]);
    await operator.patiently(() => session.platform.requestTraining('flume', 'a drill'));
    await ring(scene, alarmName(STAGE, 'flume', 'drift'), 'ALARM');
    const version = await operator.upload('flume', 'upload-1', answering(1));
    await operator.patiently(() => session.platform.approve('flume', version, 'a drill'));
    // A workflow that fails at once, and what people should hear of.
    await startWorkflow(scene, trainingPipelineName(STAGE, 'flume'), {});
    await failTests(scene, 'flume');
    await publish(scene, 'Rollout Requested', { model: 'flume', version });
    await changeRegistry(scene);
    await askForPackage(scene, 'flume');
    await session.cloud.clock.advanceBy(UNTIL_GIVEN_UP_MS + DAY_MS);
  },
};

/** The schedules of trainings, drift checks and the reconciler reach nobody. */
const lostSchedules: DrillScene = {
  models: 'drift',
  faults: NOTHING_ARRIVES,
  quietMs: 0,
  play: ({ session }) => session.cloud.clock.advanceBy(DAY_MS),
};

/** The same of what only models with a plan have. */
const lostWatches: DrillScene = { ...lostSchedules, models: 'exact' };

const failedWatches: DrillScene = {
  models: 'exact',
  faults: INVOCATIONS_FAIL,
  quietMs: 0,
  play: ({ session }) => session.cloud.clock.advanceBy(UNTIL_GIVEN_UP_MS + DAY_MS),
};

const lostInvocations: DrillScene = {
  models: 'drift',
  faults: INVOCATIONS_FAIL,
  quietMs: 0,
  async play(scene) {
    const { session, operator } = scene;
    await operator.patiently(() => session.platform.requestTraining('rill', 'a drill'));
    await changeRegistry(scene);
    await failTests(scene, 'rill');
    await askForPackage(scene, 'rill');
    await startWorkflow(scene, trainingPipelineName(STAGE, 'rill'), {});
    // Also what is due with the drift check of the morning.
    await session.cloud.clock.advanceBy(UNTIL_GIVEN_UP_MS + 6 * HOUR_MS);
  },
};

/** A drift alarm rings while the last training is too fresh: it is read again when the cool-down is over. */
const coolDown: DrillScene = {
  models: 'sagemaker',
  faults: NO_FAULTS,
  quietMs: QUIET_MS,
  async play(scene) {
    const { session, operator, rows } = scene;
    const drift = alarmName(STAGE, 'sluice', 'drift');
    await operator.load('sluice', [rows.whole]);
    await failTests(scene, 'sluice');
    await ring(scene, drift, 'ALARM');
    await session.cloud.clock.advanceBy(3 * HOUR_MS);
    await loseModel(scene, 'sluice');
    const runId = (await session.platform.runs('sluice'))[0]?.runId;
    // The snapshot of a run stands: taken again, it is read instead.
    await repeatStep(scene, 'snapshot-data', { model: 'sluice', runId, asOfMs: session.cloud.clock.nowMs() });
    await ring(scene, drift, 'OK');
    await ring(scene, drift, 'ALARM');
    await session.cloud.clock.advanceBy(DAY_MS);
  },
};

/** More metrics than an item holds, however they are packed. */
const MANY_METRICS = 1_800;

/** A run that was refused, and one whose data is missing. */
const refuseRuns = async (scene: Scene): Promise<void> => {
  const { session, operator } = scene;
  await refuseRun(scene, 'drill-refused', MANY_METRICS);
  await operator.patiently(() => session.platform.requestTraining('weir', 'a drill'));
  await session.api.call('GET', `${session.urls.predict}/v2`);
};

/** Repeats the publication of a rollout that has ended: the step finds out and refuses. */
const publishLate = async (scene: Scene, version: number): Promise<void> => {
  const { session, operator } = scene;
  const FunctionName = inferenceFunctionName(STAGE, 'weir');
  const { Environment } = await session.lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  const { MODEL_DIGEST, MANIFEST_DIGEST, ARTIFACT_PREFIX } = Environment?.Variables ?? {};
  const rolloutId = (await operator.rolloutsOf('weir', version)).at(-1)?.rolloutId;
  const pins = { modelDigest: MODEL_DIGEST, manifestDigest: MANIFEST_DIGEST, artifactPrefix: ARTIFACT_PREFIX };
  const input = { model: 'weir', version, rolloutId, functionName: FunctionName, ...pins };
  await repeatStep(scene, 'publish-version', input);
};

/** Enough versions that old ones are collected. */
const UPLOADS = 8;

/** Endpoints that are not as the registry says: a weight nobody set, a rollout whose execution is gone. */
const repairs: DrillScene = {
  models: 'uploads',
  faults: NO_FAULTS,
  // What is uploaded here has no reference profile for the drift check of the next morning.
  quietMs: 0,
  async play(scene) {
    const { session, operator } = scene;
    const { clock } = session.cloud;
    await refuseRuns(scene);
    // Nobody trained it: there is nothing to make it again from.
    await reproduce(scene, 'weir');
    await loseModel(scene, 'weir');
    for (let i = 1; i <= UPLOADS; i += 1) {
      const version = await upload(scene, `upload-${i}`, i);
      await operator.rolledOut('weir', version);
      if (i === UPLOADS) await publishLate(scene, version);
    }
    const FunctionName = inferenceFunctionName(STAGE, 'weir');
    const { Versions = [] } = await session.lambda.send(new ListVersionsByFunctionCommand({ FunctionName }));
    const before = Versions.at(-2)?.Version ?? '';
    const RoutingConfig = { AdditionalVersionWeights: { [before]: 0.5 } };
    await session.lambda.send(new UpdateAliasCommand({ FunctionName, Name: LIVE_ALIAS, RoutingConfig }));
    await clock.advanceBy(HOUR_MS);
    const last = await upload(scene, 'upload-last', 5);
    const begun = async () => (await operator.rolloutsOf('weir', last)).some(({ weights }) => weights.at(-1) === 0.5);
    await operator.until(begun, 2 * HOUR_MS);
    const running = (await session.observer.executions(/rollout/)).find(({ status }) => status === 'RUNNING');
    const states = new SFNClient(session.clientConfig);
    await states.send(new StopExecutionCommand({ executionArn: running?.arn ?? '' }));
    states.destroy();
    await clock.advanceBy(3 * HOUR_MS);
  },
};

const governance: DrillScene = {
  models: 'uploads',
  faults: NO_FAULTS,
  startMs: SATURDAY_MS,
  play: playGovernance,
  quietMs: 0,
};

/** Why the first prediction of all was what it was. */
const askWhy = async (scene: Scene, model: string): Promise<void> => {
  const [row] = scene.traffic.answered;
  if (row === undefined) throw new Error(`nothing was predicted by ${model}`);
  const query = new URLSearchParams({ model, day: utcDay(row.atMs) });
  await askPlatform(scene, 'GET', `/lineage/why/${row.predictionId}?${query}`);
  // What was never predicted is looked for everywhere; a version without its manifest is told as such.
  await askPlatform(scene, 'GET', `/lineage/why/never?${query}`, 404);
  const { artifactPrefix } = (await scene.session.platform.versions(model))[0] ?? {};
  await removeArtifact(scene, `${artifactPrefix}${MANIFEST_FILE}`);
  await scene.session.api.call('GET', `${scene.session.urls.platform}/lineage/why/${row.predictionId}?${query}`);
};

const batchScoring: DrillScene = {
  models: 'uploads',
  faults: NO_FAULTS,
  quietMs: 0,
  play: async (scene) => playBatchScoring(scene, await scene.operator.upload('weir', 'upload-batch', answering(1))),
};

/** A plan divides the requests of its model. */
const exactRouting: DrillScene = {
  models: 'exact',
  faults: NO_FAULTS,
  quietMs: 0,
  async play(scene) {
    await playExactRouting(scene);
    // Its own workflows and what a model file that is gone asks for.
    await loseModel(scene, 'eddy');
    await scene.operator.patiently(() => scene.session.platform.requestTraining('eddy', 'a drill'));
    await reproduce(scene, 'eddy');
  },
};

const shadow: DrillScene = {
  models: 'uploads',
  faults: NO_FAULTS,
  quietMs: 0,
  play: (scene) => playShadow(scene, 'weir'),
};

const tracking: DrillScene = { models: 'uploads', faults: NO_FAULTS, play: playTracking, quietMs: 0 };

const rollBacks: DrillScene = { models: 'uploads', faults: NO_FAULTS, play: playRollBacks, quietMs: 0 };

const fromScenario = ({ models, play, model }: Scenario): DrillScene => ({
  models,
  faults: NO_FAULTS,
  async play(scene) {
    await play(scene);
    if (models !== 'uploads') {
      await reproduce(scene, model);
      await askWhy(scene, model);
    }
    if (models === 'drift') {
      await startWorkflow(scene, modelUploadName(STAGE), await bringModel(scene, model));
      await scene.session.cloud.clock.advanceBy(HOUR_MS);
    }
    if (models === 'drift' || models === 'batch') await loseModel(scene, model);
  },
  quietMs: QUIET_MS,
});

/** The quick ones first: a permission is looked for in the first scene that needs it. */
export const SCENES: Readonly<Record<string, DrillScene>> = {
  lostSchedules,
  lostWatches,
  failedWatches,
  lostEvents,
  lostInvocations,
  tracking,
  governance,
  batchScoring,
  shadow,
  rollBacks,
  exactRouting,
  deploy: fromScenario(SCENARIOS.deploy),
  rollback: fromScenario(SCENARIOS.rollback),
  repairs,
  batch: fromScenario(SCENARIOS.batch),
  sagemaker: fromScenario(SCENARIOS.sagemaker),
  coolDown,
  drift: fromScenario(SCENARIOS.drift),
};
