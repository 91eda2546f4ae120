import { InvokeCommand } from '@aws-sdk/client-lambda';
import { rollBackFunctionName } from '../../../../shared/contracts/names.ts';
import { HOUR_MS } from '../../../../shared/kernel/time.ts';
import type { Scene } from '../../chaos/scenarios.ts';
import { answering } from '../../chaos/toy-trees.ts';
import { askPlatform } from './governance-scene.ts';

/** A person's word on rollouts: a canary is given back and promoted, a version taken back and asked for again. */

const MODEL = 'weir';

const approved = async ({ operator, session }: Scene, number: number): Promise<number> => {
  const version = await operator.upload(MODEL, `upload-${number}`, answering(number));
  await operator.patiently(() => session.platform.approve(MODEL, version, 'a drill'));
  return version;
};

const untilTried = async ({ operator }: Scene, version: number): Promise<void> => {
  const isTried = async () => (await operator.rolloutsOf(MODEL, version)).some(({ weights }) => weights.at(-1) === 0.5);
  if (!(await operator.until(isTried, 2 * HOUR_MS))) throw new Error(`version ${version} of ${MODEL} is never tried`);
};

/** Invoked with what it cannot read, it fails through all its tries. */
const leaveDeadLetter = async ({ session }: Scene): Promise<void> => {
  const FunctionName = rollBackFunctionName('local');
  await session.lambda.send(new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload: Buffer.from('{}') }));
  await session.cloud.clock.advanceBy(HOUR_MS);
};

export const playRollBacks = async (scene: Scene): Promise<void> => {
  const { session, operator } = scene;
  const post = (path: string, body: object) =>
    askPlatform(scene, 'POST', `/models/${MODEL}${path}`, 200, { reason: 'a drill', ...body });
  // Nothing is in service yet: traffic goes back to what waits for a first model.
  await untilTried(scene, await approved(scene, 1));
  await post('/rollback', {});
  await session.cloud.clock.advanceBy(6 * HOUR_MS);
  await operator.rolledOut(MODEL, await approved(scene, 2));
  const last = await approved(scene, 3);
  await untilTried(scene, last);
  const { rolloutId } = (await operator.rolloutsOf(MODEL, last)).at(-1) ?? {};
  await askPlatform(scene, 'GET', `/models/${MODEL}/rollouts/${rolloutId}`);
  await post(`/rollouts/${rolloutId}/promote`, {});
  await operator.rolledOut(MODEL, last);
  await post('/rollback', {});
  await leaveDeadLetter(scene);
};
