import { describe, expect, it } from 'vitest';
import { createHandler } from '../../../../functions/shift-traffic/handler.ts';
import { createMemoryRoutingPlans } from '../../../../shared/adapters/memory/routing-plans.ts';
import type { Rollout } from '../../../../shared/core/registry/index.ts';
import { canaryPlan, settledPlan } from '../../../../shared/core/routing/index.ts';
import type { ModelRegistry } from '../../../../shared/ports/model-registry.ts';
import type { ServingFunctions } from '../../../../shared/ports/serving-functions.ts';

const ROLLOUT: Rollout = {
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
  routing: {},
};

const open = (change: Partial<Rollout> = {}) => {
  let rollout: Rollout = { ...ROLLOUT, ...change };
  let alias = { lambdaVersion: '2', weights: {} as Readonly<Record<string, number>>, revisionId: 'a' };
  const order: string[] = [];
  const plans = createMemoryRoutingPlans(() => 'digest');
  const handler = createHandler({
    registry: {
      getRollout: async () => rollout,
      updateRollout: async (_model: string, _id: string, set: Partial<Rollout>) => {
        rollout = { ...rollout, ...set };
        return rollout;
      },
    } as unknown as ModelRegistry,
    functions: {
      getLiveAlias: async () => alias,
      setLiveAlias: async (_name: string, to: typeof alias) => {
        order.push(`alias ${to.lambdaVersion}`);
        alias = to;
      },
    } as unknown as ServingFunctions,
    plans: {
      change: async (by, decide) => {
        const before = plans.changes.length;
        const plan = await plans.change(by, decide);
        if (plans.changes.length > before) {
          order.push(`plan ${plan?.arms.map(({ version, share }) => `${version}:${share}`).join(' ')}`);
        }
        return plan;
      },
    },
    clock: { nowMs: () => 9 },
  });
  const shift = (weight: number) => handler({ model: 'toy', rolloutId: 'r-1', functionName: 'f', weight });
  return {
    shift,
    plans,
    order,
    alias: () => alias,
    rollout: () => rollout,
    end: (status: Rollout['status']) => {
      rollout = { ...rollout, status };
    },
  };
};

describe('a canary where a plan divides the requests', () => {
  it('gets its share from the plan, once the alias leads to what may serve it', async () => {
    const { shift, order, rollout, alias } = open();

    await shift(0.25);
    await shift(0.25);
    await shift(1);

    expect(order).toEqual(['plan 1:10000', 'alias 3', 'plan 2:2500 1:7500', 'plan 2:10000 1:0']);
    expect(rollout()).toMatchObject({ weights: [0.25, 1], shifts: [{ weight: 0.25, atMs: 9 }, { weight: 1 }] });
    expect(alias().weights).toEqual({});
  });

  it('gives it back by the plan first', async () => {
    const { shift, order } = open();
    await shift(0.25);
    order.splice(0);

    await shift(0);
    await shift(0);

    expect(order).toEqual(['plan 1:10000', 'alias 2']);
  });

  it('of a first version has everything at once', async () => {
    const { previousVersion: _, ...first } = ROLLOUT;
    const { shift, order } = open({ ...first, version: 1 });
    // Undefined, not absent: the fixture has one.
    await shift(0.1);

    expect(order.slice(0, 2)).toEqual(['plan 1:10000', 'alias 3']);
  });

  it('that a person rolled back gets nothing any more, and giving back again is no failure', async () => {
    const { shift, end, order } = open();
    await shift(0.05);
    end('ROLLED_BACK');

    order.splice(0);
    const wanted = await shift(0.25);
    await shift(0);

    expect(wanted.weight).toBe(0);
    expect(order).toEqual(['plan 1:10000', 'alias 2']);
  });

  it('that is rolled back between its look and its write gets nothing', async () => {
    const { shift, plans, end } = open();
    await shift(0.05);
    const original = plans.change;
    let asked = 0;
    // The person's write comes while the step decides.
    Object.assign(plans, {
      change: async (by: Parameters<typeof original>[0], decide: Parameters<typeof original>[1]) => {
        asked += 1;
        if (asked === 2) {
          end('ROLLED_BACK');
          await original({ model: 'toy', principal: 'ann', atMs: 10 }, (standing) =>
            settledPlan(standing, { model: 'toy', version: 1, atMs: 10 }),
          );
        }
        return original(by, decide);
      },
    });

    await expect(shift(0.25)).rejects.toMatchObject({ name: 'InvalidStateError' });

    expect(plans.changes.at(-1)).toMatchObject({ principal: 'ann', plan: { arms: [{ version: 1, share: 10_000 }] } });
  });

  it('leaves alone what another rollout has written since', async () => {
    const { shift, plans, end } = open();
    await shift(0.05);
    end('ROLLED_BACK');
    const next = { model: 'toy', rolloutId: 'r-9', version: 3, champion: 1, weight: 0.5, settings: {}, atMs: 10 };
    await plans.change({ model: 'toy', principal: 'other', atMs: 10 }, (standing) => canaryPlan(standing, next));

    await shift(0);

    expect(plans.changes.at(-1)?.principal).toBe('other');
  });
});

it('a rollout of code weighs the alias, and only sees to it that a plan is there', async () => {
  const { shift, order, alias } = open({ kind: 'code', version: 1 });

  await shift(0.5);

  expect(order).toEqual(['plan 1:10000', 'alias 2']);
  expect(alias().weights).toEqual({ 3: 0.5 });
});
