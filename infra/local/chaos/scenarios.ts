import { alarmName } from '../../../shared/contracts/metric-names.ts';
import { DAY_MS, HOUR_MS, isoTime } from '../../../shared/kernel/time.ts';
import type { Operator } from './operator.ts';
import type { ChaosSession } from './session.ts';
import { FIRST_DAYS, ROWS_BEGIN_MS, type ToyRows } from './toy-rows.ts';
import { answering, failingOnRealRows } from './toy-trees.ts';
import type { Traffic } from './traffic.ts';

/** The loop of `npm start` on a small slice, in five variants: each begins with an empty registry, in an afternoon. */

export interface Scene {
  readonly session: ChaosSession;
  readonly operator: Operator;
  readonly traffic: Traffic;
  readonly rows: ToyRows;
  /** The template with another code of the inference function, as a deployment in mid-canary brings it. */
  readonly revisedAssemblyFolder: string;
}

export interface Scenario {
  /** Folder in `models/`: the template holds these models and no other. */
  readonly models: 'drift' | 'uploads' | 'sagemaker' | 'batch';
  readonly model: string;
  /** The version that serves in the end. */
  readonly serves: number;
  readonly play: (scene: Scene) => Promise<void>;
}

export const SCENE_BEGINS_MS = ROWS_BEGIN_MS + FIRST_DAYS * DAY_MS + 15.5 * HOUR_MS;
const NEXT_DAY_MS = ROWS_BEGIN_MS + (FIRST_DAYS + 1) * DAY_MS;
/** The drift check runs at six in the morning. */
const AFTER_CHECK_MS = NEXT_DAY_MS + 6.5 * HOUR_MS;
const FIRST_TRAINING_LIMIT_MS = 1.5 * HOUR_MS;
const NEXT_TRAINING_LIMIT_MS = HOUR_MS;

const hasVersion = (session: ChaosSession, model: string, count: number) => async (): Promise<boolean> =>
  (await session.platform.versions(model)).length >= count;

/** Everything that can be asked about a model, by a person who looks around. */
const lookAround = async ({ session: { api, urls }, operator }: Scene, model: string): Promise<void> => {
  const lineage = `/models/${model}/lineage/model-version/1`;
  const paths = ['/models', `/models/${model}`, `/models/${model}/versions/1`, `/models/${model}/runs`, lineage];
  for (const path of paths) {
    await operator.patiently(async () => {
      const { status } = await api.call('GET', `${urls.platform}${path}`);
      if (status >= 500) throw new Error(`GET ${path} answered ${status}`);
    });
  }
};

/** A person who reads the mails asks so often for a training that a fault has ended. */
const TRAININGS_ASKED_FOR = 4;

/** Waits for a version; a training that ended without one is asked for again. */
const trained = async ({ session, operator }: Scene, model: string, count: number): Promise<void> => {
  if (await operator.until(hasVersion(session, model, count), FIRST_TRAINING_LIMIT_MS)) return;
  for (let asked = 0; asked < TRAININGS_ASKED_FOR; asked += 1) {
    await operator.patiently(() => session.platform.requestTraining(model, 'the last one gave no version'));
    if (await operator.until(hasVersion(session, model, count), NEXT_TRAINING_LIMIT_MS)) return;
  }
};

/** The look at an alarm at the end of a cool-down, delivered early: another training is refused as too soon. */
const lookAtAlarm = async ({ session, operator }: Scene, model: string): Promise<void> => {
  const coolDownEndedAt = isoTime(session.cloud.clock.nowMs());
  const look = { kind: 'alarm-recheck', model, alarmName: alarmName('local', model, 'drift'), coolDownEndedAt };
  await operator.patiently(() => operator.invoke('request-training', look));
};

/** Trained by its schedule, put into service, asked, drifted, trained anew by its alarm. */
const drift: Scenario = {
  models: 'drift',
  model: 'rill',
  serves: 2,
  async play(scene) {
    const { session, operator, traffic, rows } = scene;
    const { clock } = session.cloud;
    await operator.load('rill', rows.days.slice(0, FIRST_DAYS));
    await clock.advanceTo(SCENE_BEGINS_MS + HOUR_MS);
    await trained(scene, 'rill', 1);
    await operator.rolledOut('rill', 1, () => traffic.send('rill', 5, 'as trained'));
    await traffic.send('rill', 40, 'drifted');
    await clock.advanceBy(HOUR_MS / 4);
    await operator.patiently(() => traffic.sendLabels('rill'));
    await lookAround(scene, 'rill');
    await clock.advanceTo(NEXT_DAY_MS + 5 * HOUR_MS);
    await operator.load('rill', rows.days.slice(FIRST_DAYS));
    await clock.advanceTo(AFTER_CHECK_MS);
    await trained(scene, 'rill', 2);
    await lookAtAlarm(scene, 'rill');
    await operator.rolledOut('rill', 2, () => traffic.send('rill', 5, 'as trained'));
    await traffic.send('rill', 5, 'as trained');
  },
};

const uploadAndServe = async ({ operator, session }: Scene, logOdds: number): Promise<void> => {
  const version = await operator.upload('weir', 'upload-1', answering(logOdds));
  await operator.patiently(() => session.platform.approve('weir', version, 'the first'));
  await operator.rolledOut('weir', version);
};

/** A version that fails on real rows is rolled back by its canary; another is rejected by a person. */
const rollback: Scenario = {
  models: 'uploads',
  model: 'weir',
  serves: 1,
  async play(scene) {
    const { session, operator, traffic } = scene;
    await uploadAndServe(scene, 1);
    await traffic.send('weir', 40, 'as trained');
    const failing = await operator.upload('weir', 'upload-2', failingOnRealRows());
    await operator.patiently(() => session.platform.approve('weir', failing, 'it looked well'));
    const ask = async (): Promise<void> => {
      for (let i = 0; i < 12; i += 1) await traffic.send('weir', 1, 'as trained');
    };
    await operator.rolledOut('weir', failing, ask);
    const rejected = await operator.upload('weir', 'upload-3', answering(2));
    const path = `/models/weir/versions/${rejected}/reject`;
    await operator.patiently(async () => {
      const { status } = await session.api.call('POST', `${session.urls.platform}${path}`, { reason: 'no' });
      if (status >= 500) throw new Error(`POST ${path} answered ${status}`);
    });
    await traffic.send('weir', 5, 'as trained');
  },
};

/** Other code is deployed while a canary has traffic; the same canary then brings the code. */
const deploy: Scenario = {
  models: 'uploads',
  model: 'weir',
  serves: 2,
  async play(scene) {
    const { session, operator, traffic } = scene;
    await uploadAndServe(scene, 1);
    const second = await operator.upload('weir', 'upload-2', answering(2));
    await operator.patiently(() => session.platform.approve('weir', second, 'better'));
    const hasTraffic = async () =>
      (await operator.rolloutsOf('weir', second)).some(({ weights }) => weights.at(-1) === 0.5);
    await operator.until(hasTraffic, 2 * HOUR_MS);
    await traffic.send('weir', 5, 'as trained');
    await session.cloud.deploy(scene.revisedAssemblyFolder);
    const ask = (): Promise<void> => traffic.send('weir', 3, 'as trained');
    await operator.rolledOut('weir', second, ask);
    const codeRolledOut = async () =>
      (await session.platform.rollouts('weir')).some(({ kind, status }) => kind === 'code' && status !== 'RUNNING');
    await operator.until(codeRolledOut, 4 * HOUR_MS, ask);
    await traffic.send('weir', 5, 'as trained');
    await lookAround(scene, 'weir');
  },
};

/** Asked for by a person, trained by a job of SageMaker on spot. */
const sagemaker: Scenario = {
  models: 'sagemaker',
  model: 'sluice',
  serves: 1,
  async play(scene) {
    const { session, operator, traffic, rows } = scene;
    await operator.load('sluice', [rows.whole]);
    await operator.patiently(() => session.platform.requestTraining('sluice', 'the first'));
    await trained(scene, 'sluice', 1);
    await operator.rolledOut('sluice', 1, () => traffic.send('sluice', 5, 'as trained'));
    await traffic.send('sluice', 40, 'as trained');
    await session.cloud.clock.advanceTo(AFTER_CHECK_MS);
  },
};

/** Started by the arrival of its data, trained by a job of Batch. */
const batch: Scenario = {
  models: 'batch',
  model: 'flume',
  serves: 1,
  async play(scene) {
    const { session, operator, traffic, rows } = scene;
    await operator.load('flume', [rows.whole]);
    await trained(scene, 'flume', 1);
    await operator.rolledOut('flume', 1, () => traffic.send('flume', 5, 'as trained'));
    await traffic.send('flume', 40, 'as trained');
    await session.cloud.clock.advanceTo(AFTER_CHECK_MS);
  },
};

export const SCENARIOS = { drift, rollback, deploy, sagemaker, batch } as const satisfies Readonly<
  Record<string, Scenario>
>;

export type ScenarioName = keyof typeof SCENARIOS;

export const SCENARIO_NAMES = Object.keys(SCENARIOS) as readonly ScenarioName[];

/** Seeds take the scenarios in turn. */
export const scenarioOf = (seed: number): ScenarioName => SCENARIO_NAMES[seed % SCENARIO_NAMES.length] as ScenarioName;
