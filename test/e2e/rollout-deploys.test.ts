import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { assemble, IN_ONE_PROCESS, startTestCloud, type TestCloud } from '../helpers/local-cloud.ts';
import { answering, openRolloutBench, RECONCILE_MS, rolloutDefinition } from '../helpers/rollout-bench.ts';

const definition = (change: object = {}) =>
  rolloutDefinition('toy', { deployment: { canarySteps: [0.5, 1], bakeMinutes: 60, ...change } });

/** Fails on what the prediction API sends, and on nothing else: the smoke test passes. */
const FAILS_ON_REQUESTS = `a deploy with a fault
const sound = module.exports.handler;
module.exports = { ...module.exports, handler: async (event) => {
  if (!('smokeTest' in event)) throw new Error('planted');
  return sound(event);
} };`;

let firstAssembly: Promise<string> | undefined;
let stateFolder: string;
let test: TestCloud;
let bench: ReturnType<typeof openRolloutBench>;

beforeEach(async () => {
  firstAssembly ??= assemble([definition()]);
  stateFolder = mkdtempSync(join(tmpdir(), 'millrace-deploys-'));
  test = await startTestCloud({ assemblyFolder: await firstAssembly, stateFolder, simulation: IN_ONE_PROCESS });
  bench = openRolloutBench(test, stateFolder);
  await bench.serveFirst('toy');
});

afterEach(async () => {
  bench.close();
  await test.stop();
  rmSync(stateFolder, { recursive: true, force: true });
});

const untilCodeCanary = () =>
  test.until('the canary of the code has traffic', async () =>
    (await test.platform.rollouts('toy')).some(({ kind, weights }) => kind === 'code' && weights.at(-1) === 0.5),
  );

it('a deploy of changed code and definition in mid-canary moves neither weights nor champion; the code follows by its own canary', async () => {
  const version = await bench.upload('toy', answering(2));
  await bench.beginCanary('toy', version);
  const before = await bench.inService('toy');

  await test.cloud.deploy(await assemble([definition({ memoryMb: 2_048 })], 'changed'));
  await test.cloud.clock.settle();

  expect(before).toMatchObject({ champion: 1, weights: { 2: 0.5, 3: 0.5 } });
  expect(await bench.inService('toy')).toEqual(before);
  expect(await bench.ask('toy', 20)).toEqual({ 200: 20 });
  expect(await bench.ended('toy', version)).toMatchObject({ status: 'PROMOTED', weights: [0.5, 1] });
  const promoted = await bench.inService('toy');
  expect(promoted).toMatchObject({ champion: 2, deployment: { version: 2, lambdaVersion: '3' } });

  await untilCodeCanary();
  const codeWeights = await bench.weightsUntilEnded('toy', version, 'code');
  const code = await bench.ended('toy', version, 'code');

  expect(code).toMatchObject({ kind: 'code', version: 2, status: 'PROMOTED', weights: [0.5, 1] });
  expect(codeWeights).toEqual([{ 3: 0.5, 4: 0.5 }, { 4: 1 }]);
  const latest = await bench.configuration('toy');
  expect(await bench.inService('toy')).toMatchObject({
    champion: 2,
    deployment: { version: 2, lambdaVersion: '4', codeSha256: latest.CodeSha256 },
  });
  expect(await bench.configuration('toy', 'live')).toMatchObject({ Version: '4', MemorySize: 2_048 });
});

it('code that fails on requests is rolled back by its own canary, and not tried again', async () => {
  const before = await bench.inService('toy');

  await test.cloud.deploy(await assemble([definition()], FAILS_ON_REQUESTS));
  await untilCodeCanary();
  const during = await bench.ask('toy', 60);
  const code = await bench.ended('toy', 1, 'code');
  await test.cloud.clock.advanceBy(2 * RECONCILE_MS);

  expect(during[502]).toBeGreaterThan(10);
  expect(code).toMatchObject({ kind: 'code', status: 'ROLLED_BACK', weights: [0.5, 0] });
  expect(await bench.inService('toy')).toEqual(before);
  expect(await bench.rolloutsOf('toy', 1)).toHaveLength(2);
});

it.each([
  { what: 'changed code', change: {}, mark: 'changed' },
  { what: 'changed configuration, which takes the pins away', change: { memoryMb: 2_048 }, mark: '' },
])(
  'a deploy of $what between pinning and publishing still ends in a version of that deploy with the right pins',
  async ({ change, mark }) => {
    const version = await bench.upload('toy', answering(2));
    await test.platform.approve('toy', version, 'tried by hand');
    const canary = async () => (await test.observer.executions(/^canary-rollout$/)).at(-1);
    await test.until('the function is pinned and not published', async () => {
      const entered = await test.observer.enteredStates((await canary())?.arn ?? '');
      return entered.at(-1)?.name === 'Wait for the function';
    });
    const pinned = await bench.configuration('toy');
    expect(pinned.Environment?.Variables).toMatchObject({ MODEL_VERSION: '2' });

    await test.cloud.deploy(await assemble([definition(change)], mark));
    const deployed = await bench.configuration('toy');
    const rollout = await bench.ended('toy', version);

    expect(deployed.RevisionId).not.toBe(pinned.RevisionId);
    expect(deployed.Environment?.Variables?.MODEL_VERSION).toBe(mark === '' ? undefined : '2');
    expect(rollout).toMatchObject({ status: 'PROMOTED', weights: [0.5, 1] });
    const live = await bench.configuration('toy', 'live');
    const [, registered] = await test.platform.versions('toy');
    expect(live).toMatchObject({
      CodeSha256: deployed.CodeSha256,
      MemorySize: deployed.MemorySize,
      Environment: { Variables: { MODEL_VERSION: '2', ARTIFACT_PREFIX: registered?.artifactPrefix } },
    });
    const answer = await test.platform.predict('toy', { features: { x: 0.9, kind: 'a' } });
    expect(answer).toMatchObject({ status: 200, body: { version: 2 } });
    await test.cloud.clock.advanceBy(2 * RECONCILE_MS);
    expect((await test.platform.rollouts('toy')).filter(({ kind }) => kind === 'code')).toEqual([]);
  },
);
