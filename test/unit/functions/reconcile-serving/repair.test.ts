import { expect, it } from 'vitest';
import { createRepair } from '../../../../functions/reconcile-serving/repair.ts';
import type { ModelRegistry } from '../../../../shared/ports/model-registry.ts';
import type { ServingFunctions } from '../../../../shared/ports/serving-functions.ts';

const NAME = 'toy-code-1-codesha256';
const action = { kind: 'roll out code', version: 1, reason: 'the deployed code differs' } as const;
const endpoint = {
  functionName: 'toy',
  aliasRevisionId: 'r',
  state: { alias: { lambdaVersion: '2', weights: {} }, restingLambdaVersion: '2', deployedCodeSha256: 'code+sha256' },
};

/** What is started when executions by these names are over, of which the rollouts failed. */
const startedAfter = async (
  failed: readonly string[],
  promoted: readonly string[] = [],
): Promise<readonly string[]> => {
  const started: string[] = [];
  const taken = new Set([...failed, ...promoted]);
  const items = [
    ...failed.map((rolloutId) => ({ rolloutId, status: 'FAILED' })),
    ...promoted.map((rolloutId) => ({ rolloutId, status: 'PROMOTED' })),
  ];
  const repair = createRepair({
    registry: { listRollouts: async () => ({ items }) } as unknown as ModelRegistry,
    functions: { describe: async () => ({ codeSha256: 'code+sha256' }) } as unknown as ServingFunctions,
    executions: {
      isRunning: async () => false,
      start: async (name) => {
        if (taken.has(name)) return 'exists';
        started.push(name);
        return 'started';
      },
    },
    plans: { change: async () => undefined },
    clock: { nowMs: () => 0 },
  });
  await repair('toy', endpoint, action);
  return started;
};

it('rolls new code out once, and again after a rollout of it that could not be carried out', async () => {
  expect(await startedAfter([])).toEqual([NAME]);
  expect(await startedAfter([NAME])).toEqual([`${NAME}-2`]);
  expect(await startedAfter([NAME, `${NAME}-2`])).toEqual([`${NAME}-3`]);
});

it('leaves it to a person after three times, and what was carried out alone', async () => {
  expect(await startedAfter([NAME, `${NAME}-2`, `${NAME}-3`])).toEqual([]);
  expect(await startedAfter([], [NAME])).toEqual([]);
});
