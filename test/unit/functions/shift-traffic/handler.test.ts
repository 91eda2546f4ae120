import { expect, it } from 'vitest';
import { createHandler } from '../../../../functions/shift-traffic/handler.ts';
import { createMemoryRoutingPlans } from '../../../../shared/adapters/memory/routing-plans.ts';
import type { Rollout } from '../../../../shared/core/registry/index.ts';
import { ConflictError, InvalidStateError } from '../../../../shared/kernel/errors.ts';
import type { ModelRegistry } from '../../../../shared/ports/model-registry.ts';
import type { ServingFunctions } from '../../../../shared/ports/serving-functions.ts';

/** A canary whose traffic the alias divides, and a person who rolls it back at any of its calls. */

/** @param kind of a service a write that changes nothing leaves the revision as it is. */
const open = (rollBackBefore?: number, kind: 'function' | 'service' = 'function') => {
  let rollout: Rollout = {
    model: 'toy',
    rolloutId: 'r-1',
    kind: 'model',
    version: 2,
    status: 'RUNNING',
    startedAtMs: 1,
    lambdaVersion: '3',
    previousLambdaVersion: '2',
    previousVersion: 1,
    weights: [],
  };
  let alias = { lambdaVersion: '2', weights: {} as Readonly<Record<string, number>>, revisionId: '0' };
  const move = (to: typeof alias): void => {
    if (to.revisionId !== alias.revisionId) throw new ConflictError('the alias was moved');
    const same = JSON.stringify({ ...to, revisionId: '' }) === JSON.stringify({ ...alias, revisionId: '' });
    if (kind === 'service' && same) return;
    alias = { ...to, revisionId: String(Number(alias.revisionId) + 1) };
  };
  const calls: string[] = [];
  const call = (name: string): void => {
    calls.push(name);
    if (calls.length - 1 !== rollBackBefore) return;
    // As functions/roll-back does: the end of the rollout first, then the alias, in one breath.
    rollout = { ...rollout, status: 'ROLLED_BACK' };
    move({ lambdaVersion: '2', weights: {}, revisionId: alias.revisionId });
  };
  const handler = createHandler({
    registry: {
      getRollout: async () => {
        call('read');
        return rollout;
      },
      updateRollout: async (_model: string, _id: string, set: Partial<Rollout>) => {
        call('record');
        if (rollout.status !== 'RUNNING') throw new InvalidStateError('it is over');
        rollout = { ...rollout, ...set };
        return rollout;
      },
    } as unknown as ModelRegistry,
    functions: {
      getLiveAlias: async () => {
        call('alias');
        return alias;
      },
      setLiveAlias: async (_name: string, to: typeof alias) => {
        call('move');
        move(to);
      },
    } as unknown as ServingFunctions,
    plans: createMemoryRoutingPlans(() => 'digest'),
    clock: { nowMs: () => 9 },
  });
  const shift = (weight: number) => handler({ model: 'toy', rolloutId: 'r-1', functionName: 'f', weight });
  /** Share of the traffic by version beside the main one. */
  const divided = () => [alias.lambdaVersion, alias.weights] as const;
  return { shift, calls, alias: () => alias, divided, rollout: () => rollout };
};

const STEP = ['read', 'read', 'record', 'alias', 'read', 'move', 'read'];

it('gives the canary its weight, on record before', async () => {
  const { shift, divided, rollout, calls } = open();

  expect(await shift(0.25)).toMatchObject({ weight: 0.25 });

  expect(calls).toEqual(STEP);
  expect(divided()).toEqual(['2', { 3: 0.25 }]);
  expect(rollout()).toMatchObject({ weights: [0.25], shifts: [{ weight: 0.25, atMs: 9 }] });
  expect(await shift(1)).toMatchObject({ weight: 1 });
  expect(divided()).toEqual(['3', {}]);
});

it.each((['function', 'service'] as const).flatMap((kind) => STEP.map((name, index) => [kind, index, name] as const)))(
  'of a %s gives nothing that stays when a person rolls back before call %i, %s',
  async (kind, index) => {
    const { shift, divided } = open(index, kind);
    const refused: string[] = [];

    // A refusal is tried again by the workflow, or ends in giving everything back.
    const attempt = (weight: number) => shift(weight).catch(({ name }: Error) => refused.push(name));
    await attempt(0.5);
    if (refused.length > 0) await attempt(0.5);

    expect(divided()).toEqual(['2', {}]);
    expect(await attempt(0.5)).toMatchObject({ weight: 0 });
    for (const name of refused) expect(['ConflictError', 'InvalidStateError']).toContain(name);
  },
);

it('takes nothing from a rollout that came after', async () => {
  const { shift, alias } = open(6);
  await shift(0.5);
  const before = alias();

  await shift(0);

  expect(alias()).toEqual(before);
});
