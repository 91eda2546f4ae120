import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { answeringBySize } from '../../infra/local/chaos/toy-trees.ts';
import type { RolloutFact } from '../../infra/local/story/platform.ts';
import { createRolloutEvidence } from '../../shared/adapters/dynamodb/rollout-evidence.ts';
import { inferenceFunctionName } from '../../shared/contracts/names.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../shared/kernel/time.ts';
import type { RolloutEvidenceStore } from '../../shared/ports/rollout-evidence.ts';
import { assemble, IN_ONE_PROCESS, startTestCloud, type TestCloud } from '../helpers/local-cloud.ts';
import { answering, failingOnRealRows, openRolloutBench, rolloutDefinition } from '../helpers/rollout-bench.ts';

/** Canaries as the judge sees them: one cloud, a model for each way in which a canary may end. */

const STEPS = { canarySteps: [0.5, 1], bakeMinutes: 60 };
const large = { name: 'large', where: { feature: 'x', from: 0.5 } };
const DEFINITIONS = [
  rolloutDefinition('harmful'),
  rolloutDefinition('cleared', {
    deployment: { ...STEPS, maxErrorShareIncrease: 0.2, judge: { deadlineMinutes: 180, lookMinutes: 30 } },
  }),
  rolloutDefinition('held', { deployment: { ...STEPS, judge: { atDeadline: 'hold', lookMinutes: 10 } } }),
  rolloutDefinition('sliced', {
    deployment: { ...STEPS, judge: { prediction: { margin: 0.3 }, slices: [large], lookMinutes: 20 } },
  }),
];
const MODELS = ['harmful', 'cleared', 'held', 'sliced'] as const;
type Model = (typeof MODELS)[number];

/** Fails on real rows; answers large rows otherwise; the same as before. */
const CHALLENGERS: Readonly<Record<Model, () => ReadonlyMap<string, Uint8Array>>> = {
  harmful: failingOnRealRows,
  cleared: () => answering(1.001),
  held: () => answering(1.001),
  // 0.45 and 0.98 instead of 0.73: the mean over all rows is nearly the same.
  sliced: () => answeringBySize(0.5, 4, -0.2),
};
const REQUESTS = 130;

let test: TestCloud;
let bench: ReturnType<typeof openRolloutBench>;
let dynamodb: DynamoDBClient;
let lambda: LambdaClient;
let store: RolloutEvidenceStore;
const stateFolder = mkdtempSync(join(tmpdir(), 'millrace-judged-'));

const rolloutOf = async (model: Model, version = 2): Promise<RolloutFact> =>
  (await bench.rolloutsOf(model, version))[0] as RolloutFact;

const rollAll = async (files: (model: Model) => ReadonlyMap<string, Uint8Array>): Promise<void> => {
  for (const model of MODELS)
    await test.platform.approve(model, await bench.upload(model, files(model)), 'tried by hand');
};

/** Every eight seconds of the canaries' first quarter of an hour: one request, and three where a slice is to be judged. */
const ask = async (): Promise<void> => {
  for (let i = 0; i < REQUESTS; i += 1) {
    await test.cloud.clock.advanceBy(8 * SECOND_MS);
    const body = { features: { x: (i % 10) / 10 + 0.05, kind: 'a' } };
    const judged: readonly Model[] = ['cleared', 'sliced', 'sliced', 'sliced'];
    const asked: readonly Model[] = i < 50 ? ['harmful', 'held', ...judged] : judged;
    await Promise.all(asked.map((model) => test.platform.predict(model, body)));
  }
};

beforeAll(async () => {
  test = await startTestCloud({ assemblyFolder: await assemble(DEFINITIONS), stateFolder, simulation: IN_ONE_PROCESS });
  bench = openRolloutBench(test, stateFolder);
  dynamodb = new DynamoDBClient(test.clientConfig);
  lambda = new LambdaClient(test.clientConfig);
  const { TableNames = [] } = await dynamodb.send(new ListTablesCommand({}));
  const registryTable = TableNames.find((name) => /registry/i.test(name)) ?? '';
  store = createRolloutEvidence({ client: dynamodb, registryTable });
  await rollAll(() => answering(1));
  for (const model of MODELS) {
    const { status, reason } = await bench.ended(model, 1);
    if (status !== 'PROMOTED') throw new Error(`the first version of ${model} is ${status}: ${reason}`);
  }
  await rollAll((model) => CHALLENGERS[model]());
  for (const model of MODELS) {
    await test.until(
      `the canary of ${model} has traffic`,
      async () => (await rolloutOf(model))?.weights.at(-1) === 0.5,
    );
  }
  await ask();
}, 240_000);

afterAll(async () => {
  bench?.close();
  dynamodb?.destroy();
  lambda?.destroy();
  await test?.stop();
  rmSync(stateFolder, { recursive: true, force: true });
});

const looksOf = async (model: Model, version = 2) =>
  (await store.listLooks(model, (await rolloutOf(model, version)).rolloutId, 100)).items;

it('a harmful canary is rolled back at a look, long before its step is over', async () => {
  const { status, weights, reason, startedAtMs, endedAtMs = 0 } = await bench.ended('harmful', 2);

  expect({ status, weights }).toEqual({ status: 'ROLLED_BACK', weights: [0.5, 0] });
  expect(reason).toMatch(/^(\d+) of \1 canary requests failed, 0 of \d+ of the champion's; the canary is worse/);
  expect(endedAtMs - startedAtMs).toBeLessThan(7 * MINUTE_MS);
  expect((await looksOf('harmful')).at(-1)).toMatchObject({ action: 'roll back', decidedBy: 'judge', weight: 0.5 });
  const evidence = await store.get('harmful', (await rolloutOf('harmful')).rolloutId);
  expect(evidence?.forecast.text).toContain('0 requests on the day before');
});

it('a look that is taken again is the one that stands, at once or late', async () => {
  const { rolloutId } = await rolloutOf('held');
  const invoke = async (lookIndex: number) => {
    const payload = {
      model: 'held',
      rolloutId,
      functionName: inferenceFunctionName('local', 'held'),
      steps: STEPS.canarySteps,
      bakeSeconds: 3_600,
      stepIndex: 0,
      stepStartedAtMs: (await rolloutOf('held')).startedAtMs,
      lookIndex,
    };
    const { Payload, FunctionError } = await lambda.send(
      new InvokeCommand({ FunctionName: 'millrace-local-judge-canary', Payload: Buffer.from(JSON.stringify(payload)) }),
    );
    const answer = JSON.parse(Buffer.from(Payload ?? []).toString('utf8'));
    return FunctionError === undefined ? answer : { failed: answer.errorType };
  };
  const before = await looksOf('held');
  const count = before.length;

  const [first, second] = await Promise.all([invoke(count), invoke(count)]);
  const again = await invoke(0);
  const ahead = await invoke(count + 5);

  expect(first).toMatchObject({ decision: 'wait', reason: second.reason, stepIndex: 0 });
  expect(again.reason).toBe(before[0]?.reason);
  expect(ahead).toEqual({ failed: 'ConflictError' });
  expect((await looksOf('held')).map(({ index }) => index)).toEqual([...before.keys(), count]);
  expect((await store.get('held', rolloutId))?.lookCount).toBe(count + 1);
});

it('a slice that is worse ends the canary, though all requests together look well', async () => {
  const { status, weights, reason } = await bench.ended('sliced', 2);

  expect({ status, weights }).toEqual({ status: 'ROLLED_BACK', weights: [0.5, 0] });
  expect(reason).toContain('prediction in large: −0.28');
  const rows = (await looksOf('sliced')).at(-1)?.rows ?? [];
  const worse = rows.filter(({ eValueAbort, abortAt }) => eValueAbort >= abortAt);
  expect(worse).toMatchObject([{ metric: 'prediction', slice: 'large' }]);
});

it('a canary that is shown to be no worse is promoted when its step was served, hours before its deadline', async () => {
  const { status, reason, startedAtMs, endedAtMs = 0 } = await bench.ended('cleared', 2);

  expect(status).toBe('PROMOTED');
  expect(reason).toMatch(/^not worse by the margin in the metric; errors: \+0 points/);
  expect(endedAtMs - startedAtMs).toBeGreaterThanOrEqual(HOUR_MS);
  expect(endedAtMs - startedAtMs).toBeLessThan(HOUR_MS + 7 * MINUTE_MS);
  expect((await looksOf('cleared')).at(-1)).toMatchObject({ action: 'promote', decidedBy: 'judge' });
});

it('without a request a first version goes on by its smoke test alone, when its step was served', async () => {
  const { status, reason, startedAtMs, endedAtMs = 0 } = await rolloutOf('held', 1);

  expect(status).toBe('PROMOTED');
  expect(reason).toMatch(/^no request reached the canary: it goes on by its smoke test alone/);
  expect(endedAtMs - startedAtMs).toBeLessThan(HOUR_MS + 7 * MINUTE_MS);
  const looks = await looksOf('held', 1);
  expect(looks.at(-1)).toMatchObject({ action: 'promote', decidedBy: 'deadline' });
  expect(looks).toHaveLength(6);
});

it('an undecided canary that is to be held waits for a person, whose word is heeded at the next look', async () => {
  await test.cloud.clock.advanceBy(2 * HOUR_MS);
  const held = await rolloutOf('held');
  const heldLooks = await looksOf('held');
  const path = `${test.platformUrl}/models/held/rollouts/${held.rolloutId}/promote`;

  const answer = await test.api.call('POST', path, { reason: 'seen enough' });
  const { status, reason } = await bench.ended('held', 2);

  expect(held).toMatchObject({ status: 'RUNNING', weights: [0.5] });
  expect(heldLooks.at(-1)).toMatchObject({ action: 'hold', decidedBy: 'deadline' });
  expect(answer.status).toBe(200);
  expect(status).toBe('PROMOTED');
  expect(reason).toMatch(/: seen enough$/);
  expect((await looksOf('held')).at(-1)).toMatchObject({ action: 'promote', decidedBy: 'person' });
});
