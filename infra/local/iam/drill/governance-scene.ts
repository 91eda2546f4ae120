import {
  GetFunctionConfigurationCommand,
  type LambdaClient,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { MODEL_FILE, uploadKey } from '../../../../shared/contracts/artifacts.ts';
import { DAY_MS, HOUR_MS } from '../../../../shared/kernel/time.ts';
import type { Scene } from '../../chaos/scenarios.ts';
import { answering } from '../../chaos/toy-trees.ts';

/** What becomes of versions beside their rollouts: brought from elsewhere, measured, taken out of use, collected. */

const COLLECT_GARBAGE = 'collect-garbage';

/** A call of the platform API by a person. @throws Error when it is answered otherwise. */
export const askPlatform = async (
  { session }: Scene,
  method: 'GET' | 'POST',
  path: string,
  expected: 200 | 201 | 404 = 200,
  body?: object,
): Promise<void> => {
  const { status, body: answer } = await session.api.call(method, `${session.urls.platform}${path}`, body);
  if (status !== expected) throw new Error(`${method} ${path} answered ${status}: ${JSON.stringify(answer)}`);
};

/** Lays a model's file where the workflow that takes it in looks for it. @returns the workflow's input. */
export const bringModel = async ({ session }: Scene, model: string): Promise<object> => {
  const uploadId = 'd'.repeat(32);
  await session.artifacts.put(uploadKey(model, uploadId), answering(1).get(MODEL_FILE) ?? new Uint8Array());
  return { model, uploadId, cause: { kind: 'upload', principal: 'drill', uploadId } };
};

/** Nothing is kept for longer than from one look to the next. */
const keepNothing = async (lambda: LambdaClient): Promise<void> => {
  const FunctionName = `millrace-local-${COLLECT_GARBAGE}`;
  const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  const Variables = { ...Environment?.Variables, PACKAGE_DAYS: '0', RUN_DAYS: '0' };
  await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables } }));
};

/** A version that is taken out of use, whose files are marked by the schedule on Sunday and gone two days later. */
export const playGovernance = async (scene: Scene): Promise<void> => {
  const { session, operator } = scene;
  const { clock } = session.cloud;
  const version = await operator.upload('weir', 'upload-1', answering(1));
  const at = `/models/weir/versions/${version}`;
  await askPlatform(scene, 'POST', `${at}/evaluations`, 200, { dataset: 'drill', metrics: { logLoss: 0.5 } });
  await askPlatform(scene, 'GET', `${at}/evaluations`);
  // The card is kept first, and read back then.
  await askPlatform(scene, 'GET', `${at}/card`);
  await askPlatform(scene, 'GET', `${at}/card?cardVersion=1`);
  await askPlatform(scene, 'POST', `${at}/retire`, 200, { reason: 'a drill' });
  await askPlatform(scene, 'POST', `${at}/archive`, 200, { reason: 'a drill' });
  await keepNothing(session.lambda);
  // Needed again after it was marked: its mark is taken away.
  const files = answering(2);
  const lost = `models/weir/${'0'.repeat(64)}/${MODEL_FILE}`;
  await session.artifacts.put(lost, files.get(MODEL_FILE) ?? new Uint8Array());
  await clock.advanceBy(12 * HOUR_MS);
  await clock.advanceBy(DAY_MS);
  await operator.invoke(COLLECT_GARBAGE, { mode: 'apply' });
};
