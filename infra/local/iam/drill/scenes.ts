import { CloudWatchClient, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import {
  GetFunctionConfigurationCommand,
  InvokeCommand,
  ListVersionsByFunctionCommand,
  UpdateAliasCommand,
} from '@aws-sdk/client-lambda';
import { DeleteObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ListStateMachinesCommand, SFNClient, StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { MODEL_FILE } from '../../../../shared/contracts/artifacts.ts';
import { EVENT_SOURCE } from '../../../../shared/contracts/events.ts';
import { alarmName } from '../../../../shared/contracts/metric-names.ts';
import { inferenceFunctionName, LIVE_ALIAS, trainingPipelineName } from '../../../../shared/contracts/names.ts';
import { DAY_MS, HOUR_MS } from '../../../../shared/kernel/time.ts';
import { SCENARIOS, type Scenario, type Scene } from '../../chaos/scenarios.ts';
import { answering } from '../../chaos/toy-trees.ts';
import { type FaultSource, NO_FAULTS } from '../../contracts.ts';

/** What walks the platform's paths: the scenarios of the chaos runs, and what only goes wrong. */

export interface DrillScene {
  readonly models: Scenario['models'];
  readonly faults: FaultSource;
  readonly play: (scene: Scene) => Promise<void>;
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

const REQUEST_TRAINING = `millrace-${STAGE}-request-training`;

/** The function behind every cause of training fails whenever it calls AWS. */
const TRAINING_CANNOT_START: FaultSource = {
  ...NO_FAULTS,
  call: ({ caller }) => (caller === REQUEST_TRAINING ? { kind: 'server-error' } : undefined),
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

/** A workflow that fails at once, and what nobody measures but somebody should hear of. */
const fail = async ({ session }: Scene, model: string): Promise<void> => {
  const states = new SFNClient(session.clientConfig);
  const { stateMachines = [] } = await states.send(new ListStateMachinesCommand({}));
  const machine = stateMachines.find(({ name }) => name === trainingPipelineName(STAGE, model));
  await states.send(new StartExecutionCommand({ stateMachineArn: machine?.stateMachineArn, input: '{}' }));
  states.destroy();
  const events = new EventBridgeClient(session.clientConfig);
  const EventBusName = session.cloud.outputs[`Millrace-${STAGE}-data`]?.EventBusName;
  const entry = { EventBusName, Source: EVENT_SOURCE, DetailType: 'Training Refused', Detail: '{}' };
  await events.send(new PutEventsCommand({ Entries: [entry] }));
  events.destroy();
};

/** Calls a step of a workflow as an operator would who repeats it; the step may refuse. */
const repeatStep = async ({ session }: Scene, folder: string, payload: object): Promise<void> => {
  const Payload = Buffer.from(JSON.stringify(payload));
  await session.lambda.send(new InvokeCommand({ FunctionName: `millrace-${STAGE}-${folder}`, Payload }));
};

/** A version whose model file is gone: the smoke test of its rollout says so. */
const loseModel = async ({ session, operator }: Scene, model: string): Promise<void> => {
  const version = await operator.upload(model, 'upload-lost', answering(7));
  const found = (await session.platform.versions(model)).find((one) => one.version === version);
  const s3 = new S3Client({ ...session.clientConfig, forcePathStyle: true });
  const Bucket = session.cloud.outputs[`Millrace-${STAGE}-data`]?.ArtifactBucketName;
  await s3.send(new DeleteObjectCommand({ Bucket, Key: `${found?.artifactPrefix}${MODEL_FILE}` }));
  s3.destroy();
  await operator.patiently(() => session.platform.approve(model, version, 'a drill'));
  await operator.rolledOut(model, version);
};

/** Drift, asked for training, new data and an approval, whose events nobody takes; a run that fails. */
const lostEvents: DrillScene = {
  models: 'batch',
  faults: NOTHING_ARRIVES,
  quietMs: 0,
  async play(scene) {
    const { session, operator, rows } = scene;
    await operator.load('flume', [rows.whole]);
    await operator.patiently(() => session.platform.requestTraining('flume', 'a drill'));
    await ring(scene, alarmName(STAGE, 'flume', 'drift'), 'ALARM');
    const version = await operator.upload('flume', 'upload-1', answering(1));
    await operator.patiently(() => session.platform.approve('flume', version, 'a drill'));
    await fail(scene, 'flume');
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

const lostInvocations: DrillScene = {
  models: 'drift',
  faults: TRAINING_CANNOT_START,
  quietMs: 0,
  async play({ session, operator }) {
    await operator.patiently(() => session.platform.requestTraining('rill', 'a drill'));
    await session.cloud.clock.advanceBy(UNTIL_GIVEN_UP_MS);
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

/** A run that was refused, and one whose data is missing. */
const refuseRuns = async (scene: Scene): Promise<void> => {
  const { session, operator } = scene;
  const run = { model: 'weir', runId: 'drill-refused' };
  const cause = { kind: 'call', principal: 'drill', requestId: 'drill', reason: 'a drill' };
  const executionArn = 'arn:aws:states:us-east-1:000000000000:execution:drill:refused';
  const startedAtMs = session.cloud.clock.nowMs();
  await repeatStep(scene, 'record-run', { action: 'start', ...run, executionArn, cause, startedAtMs });
  await repeatStep(scene, 'record-run', { action: 'refuse', ...run, cause, outcome: 'a drill' });
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

const fromScenario = ({ models, play, model }: Scenario): DrillScene => ({
  models,
  faults: NO_FAULTS,
  async play(scene) {
    await play(scene);
    if (models === 'drift' || models === 'batch') await loseModel(scene, model);
  },
  quietMs: QUIET_MS,
});

/** The quick ones first: a permission is looked for in the first scene that needs it. */
export const SCENES: Readonly<Record<string, DrillScene>> = {
  lostSchedules,
  lostEvents,
  lostInvocations,
  deploy: fromScenario(SCENARIOS.deploy),
  rollback: fromScenario(SCENARIOS.rollback),
  repairs,
  batch: fromScenario(SCENARIOS.batch),
  sagemaker: fromScenario(SCENARIOS.sagemaker),
  coolDown,
  drift: fromScenario(SCENARIOS.drift),
};
