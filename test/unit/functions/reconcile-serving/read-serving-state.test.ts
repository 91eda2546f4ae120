import { expect, it } from 'vitest';
import { createReadServingState } from '../../../../functions/reconcile-serving/read-serving-state.ts';
import { createMemoryRegistry } from '../../../../shared/adapters/memory/model-registry.ts';
import { decideReconciliation } from '../../../../shared/core/deployment/index.ts';
import type { ServingFunctions } from '../../../../shared/ports/serving-functions.ts';
import { benchDefinition } from '../../../helpers/training-bench.ts';

/** No plan divides its requests. */
const unrouted = { plans: { get: async () => undefined }, clock: { nowMs: () => 0 } };
const definitions = new Map([['toy', benchDefinition({ name: 'toy' })]]);
const DIGEST = 'a'.repeat(64);
const rolloutOf = (version: number) => ({
  model: 'toy',
  rolloutId: `rollout-${version}`,
  kind: 'model' as const,
  version,
  startedAtMs: version,
  previousLambdaVersion: String(version),
});

/** A registry in which version 1 serves as function version 2 and version 2 is being rolled out as 3. */
const openRegistry = async () => {
  const { registry } = createMemoryRegistry();
  const promote = (version: number) =>
    registry.endRollout({
      model: 'toy',
      rolloutId: `rollout-${version}`,
      status: 'PROMOTED',
      endedAtMs: version,
      principal: 'workflow:canary-rollout',
      deployment: {
        model: 'toy',
        version,
        lambdaVersion: String(version + 1),
        codeSha256: 'code',
        rolloutId: `rollout-${version}`,
        promotedAtMs: version,
      },
    });
  for (const version of [1, 2]) {
    const about = { model: 'toy', owner: 'ann', runId: `run-${version}`, metrics: {}, trainedThroughMs: 0 };
    const files = { modelDigest: DIGEST, manifestDigest: DIGEST, artifactPrefix: 'models/toy/', datasetSnapshot: 's' };
    const principal = 'workflow:train';
    await registry.registerVersion({ ...about, ...files, principal, registeredAtMs: version }, 1_000);
    await registry.decideVersion({ model: 'toy', version, status: 'APPROVED', decidedBy: 'ann', decidedAtMs: version });
    await registry.startRollout(rolloutOf(version));
    if (version === 1) await promote(1);
  }
  return { registry, promote };
};

/** All traffic was shifted to the canary: the last thing before a promotion. */
const functions = {
  getLiveAlias: async () => ({ lambdaVersion: '3', weights: {}, revisionId: 'r' }),
  describe: async () => ({ codeSha256: 'code', revisionId: 'r', settled: true, environment: {} }),
  listVersions: async () => ['1', '2', '3'],
} as unknown as ServingFunctions;

it('a rollout that is promoted while its execution is looked up is not taken for one that died', async () => {
  const { registry, promote } = await openRegistry();
  const isRunning = async () => {
    await promote(2);
    return false;
  };
  const executions = { isRunning, start: async () => 'started' as const };

  const { state } = await createReadServingState({
    stage: 'local',
    definitions,
    registry,
    functions,
    executions,
    ...unrouted,
  })('toy');

  expect(decideReconciliation(state)).toMatchObject({ kind: 'none' });
});

it('a promotion just after the alias was read is seen as a whole', async () => {
  const { registry, promote } = await openRegistry();
  const getLiveAlias = async () => {
    const alias = await functions.getLiveAlias('toy');
    await promote(2);
    return alias;
  };
  const executions = { isRunning: async () => false, start: async () => 'started' as const };
  const read = createReadServingState({
    stage: 'local',
    definitions,
    registry,
    functions: { ...functions, getLiveAlias },
    executions,
    ...unrouted,
  });

  expect(decideReconciliation((await read('toy')).state)).toMatchObject({ kind: 'none' });
});

it('a rollout that shifts traffic between two reads is not taken for an alias that went astray', async () => {
  const { registry, promote } = await openRegistry();
  await promote(2);
  // The rollout begins and moves the alias while the alias is on its way to the reader.
  const getLiveAlias = async () => {
    await registry.startRollout(rolloutOf(3));
    return { lambdaVersion: '3', weights: { 4: 0.1 }, revisionId: 'r' };
  };
  const executions = { isRunning: async () => true, start: async () => 'started' as const };
  const read = createReadServingState({
    stage: 'local',
    definitions,
    registry,
    functions: { ...functions, getLiveAlias },
    executions,
    ...unrouted,
  });

  expect(decideReconciliation((await read('toy')).state)).toMatchObject({ kind: 'none' });
});

it('a rollout whose execution is over and that nobody ended has died', async () => {
  const { registry } = await openRegistry();
  const executions = { isRunning: async () => false, start: async () => 'started' as const };

  const { state } = await createReadServingState({
    stage: 'local',
    definitions,
    registry,
    functions,
    executions,
    ...unrouted,
  })('toy');

  expect(decideReconciliation(state)).toMatchObject({ kind: 'restore', lambdaVersion: '2', rolloutId: 'rollout-2' });
});
