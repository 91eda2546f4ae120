import { describe, expect, it } from 'vitest';
import { createHandler } from '../../../../functions/roll-back/handler.ts';
import { createMemoryEventPublisher } from '../../../../shared/adapters/memory/event-publisher.ts';
import { createMemoryRegistry } from '../../../../shared/adapters/memory/model-registry.ts';
import { rollBackId } from '../../../../shared/core/deployment/index.ts';
import { ConflictError, NotFoundError } from '../../../../shared/kernel/errors.ts';
import type { ServingFunctions } from '../../../../shared/ports/serving-functions.ts';
import { benchDefinition } from '../../../helpers/training-bench.ts';

/** Versions 1 and 2 of a model as rollouts leave them, and a person who wants to go back. */

type Alias = { lambdaVersion: string; weights: Readonly<Record<string, number>>; revisionId: string };

const START_MS = 1_000;
/** Lambda version of a model version. */
const publishedAs = (version: number): string => String(version + 1);

const open = async (target: 'lambda' | 'ecs' = 'lambda') => {
  const definition = benchDefinition(target === 'ecs' ? { deployment: { target } } : {});
  const { registry } = createMemoryRegistry();
  const events = createMemoryEventPublisher();
  let nowMs = START_MS;
  let alias: Alias = { lambdaVersion: '1', weights: {}, revisionId: '0' };
  let conflicts = 0;
  const gone = new Set<string>();
  const move = (to: Alias): void => {
    if (to.revisionId !== alias.revisionId) throw new ConflictError('the alias was moved');
    alias = { ...to, revisionId: String(Number(alias.revisionId) + 1) };
  };
  const functions = {
    getLiveAlias: async () => alias,
    setLiveAlias: async (_name: string, to: Alias) => {
      if (conflicts > 0) {
        conflicts -= 1;
        alias = { ...alias, revisionId: `${alias.revisionId}0` };
      }
      move(to);
    },
    listVersions: async () => ['1', '2', '3'].filter((one) => !gone.has(one)),
    describe: async (_name: string, lambdaVersion = '') => {
      if (gone.has(lambdaVersion)) throw new NotFoundError('there is no such version');
      const pins = { MODEL_DIGEST: 'd', MANIFEST_DIGEST: 'm', ARTIFACT_PREFIX: 'models/toy/d/' };
      const environment = { MODEL_VERSION: String(Number(lambdaVersion) - 1), ...pins };
      return { codeSha256: `code-${lambdaVersion}`, revisionId: '1', settled: true, environment };
    },
  } as unknown as ServingFunctions;
  for (const version of [1, 2]) {
    const facts = { model: 'toy', runId: `run-${version}`, owner: 'ann', principal: 'workflow:train-toy' };
    const bytes = { modelDigest: `d${version}`, artifactPrefix: 'models/toy/d/', manifestDigest: 'm', metrics: {} };
    const times = { trainedThroughMs: 1, datasetSnapshot: 's', registeredAtMs: 1 };
    await registry.registerVersion({ ...facts, ...bytes, ...times }, 1_000);
    await registry.decideVersion({ model: 'toy', version, status: 'APPROVED', decidedBy: 'ann', decidedAtMs: 2 });
  }
  /** A rollout of a version at half of the traffic. */
  const begin = async (version: number): Promise<void> => {
    const previous = version === 1 ? {} : { previousVersion: version - 1 };
    const published = { lambdaVersion: publishedAs(version), previousLambdaVersion: publishedAs(version - 1) };
    nowMs += 1_000;
    const about = { model: 'toy', rolloutId: `r-${version}`, kind: 'model', version, startedAtMs: nowMs } as const;
    await registry.startRollout({ ...about, ...published, ...previous });
    await registry.updateRollout('toy', `r-${version}`, { weights: [0.5], shifts: [{ weight: 0.5, atMs: nowMs }] });
    move({ ...alias, weights: { [publishedAs(version)]: 0.5 } });
  };
  const promote = async (version: number): Promise<void> => {
    const lambdaVersion = publishedAs(version);
    const rolloutId = `r-${version}`;
    nowMs += 1_000;
    const facts = { model: 'toy', version, lambdaVersion, codeSha256: 'c', rolloutId, promotedAtMs: nowMs };
    const end = { status: 'PROMOTED', endedAtMs: nowMs, principal: 'workflow' } as const;
    await registry.endRollout({ model: 'toy', rolloutId, ...end, deployment: facts });
    move({ ...alias, lambdaVersion, weights: {} });
  };
  const handler = createHandler({
    stage: 'test',
    definitions: new Map([['toy', definition]]),
    registry,
    functions,
    events,
    clock: { nowMs: () => nowMs },
  });
  const rollBack = (more: object = {}) =>
    handler({ model: 'toy', reason: 'it looks wrong', principal: 'ann', requestId: 'q-1', ...more });
  return {
    registry,
    events,
    begin,
    promote,
    rollBack,
    alias: () => [alias.lambdaVersion, alias.weights] as const,
    moveAtOnce: (times: number) => {
      conflicts = times;
    },
    collect: (lambdaVersion: string) => gone.add(lambdaVersion),
  };
};

const serving = async (...versions: readonly number[]) => {
  const bench = await open();
  for (const version of versions) {
    await bench.begin(version);
    await bench.promote(version);
  }
  return bench;
};

describe('a canary', () => {
  it('loses its traffic and ends by the word of who said so', async () => {
    const bench = await serving(1);
    await bench.begin(2);

    const told = await bench.rollBack();

    expect(told).toEqual({ model: 'toy', champion: 1, lambdaVersion: '2' });
    expect(bench.alias()).toEqual(['2', {}]);
    const rollout = await bench.registry.getRollout('toy', 'r-2');
    expect(rollout).toMatchObject({
      status: 'ROLLED_BACK',
      weights: [0.5, 0],
      decision: { action: 'roll back', decidedBy: 'ann', reason: 'it looks wrong' },
    });
    expect(bench.events.published).toMatchObject([
      { type: 'Rollout Rolled Back', detail: { version: 2, rolloutId: 'r-2' } },
    ]);
  });

  it('that is rolled back twice is told of once', async () => {
    const bench = await serving(1);
    await bench.begin(2);
    await bench.rollBack();

    expect(await bench.rollBack()).toEqual({ model: 'toy', champion: 1, lambdaVersion: '2' });
    expect(bench.events.published).toHaveLength(1);
  });

  it('loses its traffic though others move the alias meanwhile, and says so when they never stop', async () => {
    const bench = await serving(1);
    await bench.begin(2);
    bench.moveAtOnce(3);
    await bench.rollBack();
    expect(bench.alias()).toEqual(['2', {}]);

    const other = await serving(1);
    await other.begin(2);
    other.moveAtOnce(100);
    await expect(other.rollBack()).rejects.toMatchObject({ name: 'UnavailableError' });
    // The rollout is over: the reconciler brings the alias to rest.
    expect((await other.registry.getRollout('toy', 'r-2'))?.status).toBe('ROLLED_BACK');
  });
});

describe('a version that has all traffic', () => {
  it('makes room for the one before, by a rollout of one step on record', async () => {
    const bench = await serving(1, 2);

    const told = await bench.rollBack();

    expect(told).toEqual({ model: 'toy', champion: 1, lambdaVersion: '2' });
    expect(bench.alias()).toEqual(['2', {}]);
    expect(await bench.registry.getDeployment('toy')).toMatchObject({ version: 1, codeSha256: 'code-2' });
    expect(await bench.registry.getRollout('toy', rollBackId('q-1'))).toMatchObject({
      status: 'PROMOTED',
      version: 1,
      weights: [1],
      decision: { action: 'roll back', decidedBy: 'ann' },
    });
    expect(bench.events.published).toMatchObject([{ detail: { version: 2, rolloutId: 'r-2' } }]);
  });

  it('goes no further back when the same person says the same again, nor without a version', async () => {
    const bench = await serving(1, 2);
    await bench.rollBack();

    expect(await bench.rollBack({ requestId: 'q-2' })).toMatchObject({ champion: 1 });
    await expect(bench.rollBack({ requestId: 'q-3', reason: 'again' })).rejects.toThrow(
      'name the version to go back to',
    );
    expect(await bench.rollBack({ requestId: 'q-4', reason: 'it was not that', version: 2 })).toMatchObject({
      champion: 2,
    });
    expect(bench.alias()).toEqual(['3', {}]);
  });

  it('stays where the version before is no longer published', async () => {
    const bench = await serving(1, 2);
    bench.collect('2');

    await expect(bench.rollBack()).rejects.toThrow('version 1 of toy is no longer published by itself');
    expect(bench.alias()).toEqual(['3', {}]);
    expect((await bench.registry.getServingSnapshot('toy')).runningRolloutId).toBeUndefined();
  });

  it('is resumed where the roll-back was cut off before the alias moved', async () => {
    const bench = await serving(1, 2);
    bench.moveAtOnce(100);
    await expect(bench.rollBack()).rejects.toMatchObject({ name: 'UnavailableError' });
    expect(bench.alias()[0]).toBe('3');
    bench.moveAtOnce(0);

    expect(await bench.rollBack({ requestId: 'q-2' })).toEqual({ model: 'toy', champion: 1, lambdaVersion: '2' });
    expect(await bench.registry.getRollout('toy', rollBackId('q-1'))).toMatchObject({ status: 'PROMOTED' });
    expect(await bench.registry.getRollout('toy', rollBackId('q-2'))).toBeUndefined();
  });
});

it('refuses what cannot be gone back to', async () => {
  const bench = await serving(1);

  await expect(bench.rollBack({ version: 2 })).rejects.toMatchObject({ name: 'InvalidStateError' });
  await expect(bench.rollBack({ rolloutId: 'r-9' })).rejects.toMatchObject({ name: 'NotFoundError' });
  await expect(bench.rollBack({ model: 'other' })).rejects.toMatchObject({ name: 'NotFoundError' });
  await expect((await open()).rollBack()).rejects.toThrow('no version is in service');
});

it('starts no version on ECS within seconds, and says what does', async () => {
  const bench = await open('ecs');
  for (const version of [1, 2]) {
    await bench.begin(version);
    await bench.promote(version);
  }

  await expect(bench.rollBack()).rejects.toThrow('has no tasks any more');
  expect(bench.alias()).toEqual(['3', {}]);
});
