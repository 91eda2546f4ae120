import { SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { REFERENCE_PROFILE_FILE } from '../../../../shared/contracts/artifacts.ts';
import { toJsonFile } from '../../../../shared/contracts/json-file.ts';
import { makeProfile } from '../../../../shared/core/monitoring/index.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../../shared/kernel/time.ts';
import type { Scene } from '../../chaos/scenarios.ts';
import { answering } from '../../chaos/toy-trees.ts';
import { askPlatform } from './governance-scene.ts';

/** A model whose requests a plan divides: its ramp, a roll-back, a way back, an experiment, and a rollout that dies. */

const MODEL = 'eddy';

/** What the drift check compares with; a version that is uploaded brings none of itself. */
const REFERENCE = makeProfile({
  task: 'binary-classification',
  features: [],
  columns: new Map(),
  eventAtMs: [0],
  labels: [1],
  predictions: [0.5],
  windowDays: 1,
});

const begin = async ({ operator, session }: Scene, number: number): Promise<number> => {
  const files = new Map([...answering(number), [REFERENCE_PROFILE_FILE, toJsonFile(REFERENCE)]]);
  const version = await operator.upload(MODEL, `upload-${number}`, files);
  await operator.patiently(() => session.platform.approve(MODEL, version, 'a drill'));
  return version;
};

const hasTraffic = async (scene: Scene, version: number): Promise<void> => {
  const begun = async () =>
    (await scene.operator.rolloutsOf(MODEL, version)).some(({ weights }) => weights.at(-1) === 0.5);
  await scene.operator.until(begun, 4 * HOUR_MS);
};

const ask = async ({ traffic }: Scene): Promise<void> => {
  for (let i = 0; i < 5; i += 1) await traffic.send(MODEL, 1, 'as trained');
};

/** Ends the execution that rolls a version out. */
const stopRollout = async ({ session, operator }: Scene, version: number): Promise<void> => {
  const rolloutId = (await operator.rolloutsOf(MODEL, version)).at(-1)?.rolloutId;
  const execution = (await session.observer.executions(/rollout/)).find(({ name }) => name === rolloutId);
  const states = new SFNClient(session.clientConfig);
  await states.send(new StopExecutionCommand({ executionArn: execution?.arn }));
  states.destroy();
};

const playExperiment = async (scene: Scene): Promise<void> => {
  const path = `/models/${MODEL}/experiments`;
  const arms = [1, 2].map((version) => ({ version, share: 0.5 }));
  const body = { name: 'drill', arms, durationHours: 24, reason: 'a drill' };
  await askPlatform(scene, 'POST', path, 201, body);
  await ask(scene);
  await scene.session.cloud.clock.advanceBy(30 * MINUTE_MS);
  await askPlatform(scene, 'GET', `${path}/drill`);
  await askPlatform(scene, 'POST', `${path}/drill/end`, 200, { reason: 'enough' });
};

export const playExactRouting = async (scene: Scene): Promise<void> => {
  const { session, operator } = scene;
  const { clock } = session.cloud;
  await operator.rolledOut(MODEL, await begin(scene, 1), () => ask(scene));
  await operator.rolledOut(MODEL, await begin(scene, 2), () => ask(scene));
  await askPlatform(scene, 'GET', `/models/${MODEL}/routing`);

  const third = await begin(scene, 3);
  await hasTraffic(scene, third);
  await ask(scene);
  await askPlatform(scene, 'POST', `/models/${MODEL}/rollback`, 200, { reason: 'a drill' });
  await operator.rolledOut(MODEL, third);
  await askPlatform(scene, 'POST', `/models/${MODEL}/rollback`, 200, { version: 1, reason: 'a drill' });
  await playExperiment(scene);

  const fourth = await begin(scene, 4);
  await hasTraffic(scene, fourth);
  await stopRollout(scene, fourth);
  await clock.advanceBy(DAY_MS);
};
