import { describe, expect, it } from 'vitest';
import { createHandler } from '../../../../functions/finish-rollout/handler.ts';
import type { Rollout } from '../../../../shared/core/registry/index.ts';
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
  weights: [0.5, 0],
};
const decision = { action: 'roll back', reason: 'it looks wrong', decidedBy: 'ann', decidedAtMs: 5 } as const;

const tellings = async (standing: Partial<Rollout>): Promise<readonly unknown[]> => {
  const rollout = { ...ROLLOUT, ...standing };
  const told: unknown[] = [];
  const handler = createHandler({
    registry: {
      getRollout: async () => rollout,
      endRollout: async () => ({ ...rollout, status: 'ROLLED_BACK', reason: rollout.reason ?? 'harm' }),
    } as unknown as ModelRegistry,
    functions: {} as ServingFunctions,
    plans: { change: async () => undefined },
    events: { publish: async (type, detail) => void told.push({ type, ...detail }) },
    clock: { nowMs: () => 9 },
  });
  const input = { model: 'toy', rolloutId: 'r-1', functionName: 'infer', status: 'ROLLED_BACK', reason: 'harm' };
  expect(await handler(input)).toEqual({ status: 'ROLLED_BACK' });
  return told;
};

describe('a rollout that is rolled back', () => {
  it('is told of, also when its end is delivered again', async () => {
    const event = { type: 'Rollout Rolled Back', model: 'toy', version: 2, rolloutId: 'r-1' };

    expect(await tellings({})).toMatchObject([{ ...event, reason: 'harm' }]);
    expect(await tellings({ status: 'ROLLED_BACK', endedAtMs: 5, reason: 'harm' })).toMatchObject([event]);
  });

  it('is told of once when a person ended it: by whoever did', async () => {
    const ended = { status: 'ROLLED_BACK', endedAtMs: 5, reason: decision.reason } as const;

    expect(await tellings({ ...ended, decision })).toEqual([]);
    // A word alone ends nothing: the workflow did, and tells.
    expect(await tellings({ ...ended, endedAtMs: 7, decision })).toHaveLength(1);
    expect(await tellings({ decision })).toHaveLength(1);
  });
});
