import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { createShadowDays } from '../../../../shared/adapters/dynamodb/shadow-days.ts';
import { REFERENCE_PROFILE_FILE } from '../../../../shared/contracts/artifacts.ts';
import { toJsonFile } from '../../../../shared/contracts/json-file.ts';
import { makeProfile } from '../../../../shared/core/monitoring/index.ts';
import { DAY_MS, HOUR_MS, isoTime, utcDay } from '../../../../shared/kernel/time.ts';
import type { Scene } from '../../chaos/scenarios.ts';
import { answering } from '../../chaos/toy-trees.ts';

/** A challenger that waits is compared on a day of traffic, and its canary ended by what more days say. */

const FEWEST_DAYS = 8;
const ROWS = 4;

/** With a reference profile, by which the drift checks of the mornings count. */
const profiled = (logOdds: number): ReadonlyMap<string, Uint8Array> => {
  const [labels, predictions] = [Float64Array.of(0, 1), Float32Array.of(0.25, 0.75)];
  const rows = { columns: new Map(), eventAtMs: Float64Array.of(0, DAY_MS), labels, predictions };
  const profile = makeProfile({ task: 'binary-classification', features: [], ...rows, windowDays: 1 });
  return new Map([...answering(logOdds), [REFERENCE_PROFILE_FILE, toJsonFile(profile)]]);
};

/** Midnight and so many hours, of the next day. */
const nextDay = ({ session: { cloud } }: Scene, hours: number): Promise<void> =>
  cloud.clock.advanceTo((Math.floor(cloud.clock.nowMs() / DAY_MS) + 1) * DAY_MS + hours * HOUR_MS);

/** Predictions and their labels. */
const sendDay = async ({ session: { platform, cloud } }: Scene, model: string): Promise<void> => {
  const ids = Array.from({ length: ROWS }, (_, i) => `drill-shadow-${i}`);
  for (const predictionId of ids) {
    const { status } = await platform.predict(model, { predictionId, features: { x: 0.5, kind: 'a' } });
    if (status !== 200) throw new Error(`a prediction of ${model} answered ${status}`);
  }
  await cloud.clock.advanceBy(HOUR_MS);
  await platform.sendLabels(
    model,
    ids.map((predictionId) => ({ predictionId, label: 1 })),
  );
};

/** Days on which the challenger was worse, as if they had been compared. */
const layWorseDays = async ({ session }: Scene, model: string, challenger: number, champion: number): Promise<void> => {
  const client = new DynamoDBClient(session.clientConfig);
  const { TableNames = [] } = await client.send(new ListTablesCommand({}));
  const registryTable = TableNames.find((name) => name.includes('RegistryTable')) ?? '';
  const days = createShadowDays({ client, registryTable });
  const nowMs = session.cloud.clock.nowMs();
  for (let i = 0; i < FEWEST_DAYS; i += 1) {
    const day = utcDay(nowMs - (10 + i) * DAY_MS);
    const losses = { rowCount: 500, meanDifference: 0.1, sumOfSquares: 5, championLoss: 0.5, challengerLoss: 0.6 };
    await days.putIfAbsent({ model, challenger, champion, day, ...losses, computedAtMs: nowMs });
  }
  client.destroy();
};

/** @throws Error when the canary goes on. */
export const playShadow = async (scene: Scene, model: string): Promise<void> => {
  const { session, operator } = scene;
  const { clock } = session.cloud;
  const champion = await operator.upload(model, 'upload-1', profiled(1));
  await operator.patiently(() => session.platform.approve(model, champion, 'a drill'));
  await operator.rolledOut(model, champion);
  const challenger = await operator.upload(model, 'upload-shadow', profiled(2));
  await nextDay(scene, 10);
  await sendDay(scene, model);
  await nextDay(scene, 7);
  await operator.patiently(() => session.platform.approve(model, challenger, 'a drill'));
  const begun = async () =>
    (await operator.rolloutsOf(model, challenger)).some(({ weights }) => weights.at(-1) === 0.5);
  if (!(await operator.until(begun, 2 * HOUR_MS)))
    throw new Error(`the canary of ${model}@${challenger} did not begin`);
  await layWorseDays(scene, model, challenger, champion);
  const said = await operator.invoke('compare-versions', { model, scheduledAt: isoTime(clock.nowMs()) });
  if ((said as { readonly outcome: string }).outcome !== 'worse')
    throw new Error(`the comparison of ${model}@${challenger} said ${JSON.stringify(said)}`);
  const ended = await operator.rolledOut(model, challenger);
  if (ended?.status !== 'ROLLED_BACK') throw new Error(`the canary of ${model}@${challenger} is ${ended?.status}`);
};
