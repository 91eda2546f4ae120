import { describe, expect, it } from 'vitest';
import { PLANTS, type PlantName } from '../../infra/local/chaos/plants.ts';
import { describeFailure } from '../../infra/local/chaos/report.ts';
import { runChaos } from '../../infra/local/chaos/run-chaos.ts';
import type { PlannedFault } from '../../infra/local/faults/fault-plan.ts';
import { builtBefore } from '../helpers/built-functions.ts';

/**
 * Bugs that are put into the functions: chaos must find each of them, and say with which seed. The faults that bring them
 * out are stated: those that a seed draws change with every call site that is added.
 */

interface Found {
  readonly seed: number;
  readonly plan: readonly PlannedFault[];
  readonly told: RegExp;
}

const fault = (site: string, kind: 'kill-after' | 'server-error', times: number): PlannedFault => ({
  kind: 'call',
  site,
  visit: 1,
  times,
  fault: { kind },
});

const FOUND: readonly (readonly [plant: PlantName, found: Found])[] = [
  [
    'drop-condition',
    {
      seed: 1,
      plan: [fault('register-model-version dynamodb:TransactWriteItems #1', 'kill-after', 1)],
      told: /version 1 is of run upload-1, which claims 2/,
    },
  ],
  [
    'swallow-retry',
    {
      seed: 1,
      plan: [fault('infer firehose:PutRecordBatch #1', 'server-error', 3)],
      told: /answered predictions are not captured/,
    },
  ],
  ['alias-first', { seed: 1, plan: [], told: /moved live to .* which no rollout states/ }],
];

describe('a planted bug', () => {
  it.each(FOUND)('%s is found, with the seed that plays it again', { timeout: 600_000 }, async (plant, found) => {
    const { seed, plan, told } = found;
    const options = { firstSeed: seed, seedCount: 1, plan, workerCount: 1, shrink: false, checkSites: false };

    const { failures } = await runChaos({
      ...options,
      ...(await builtBefore()),
      plant: PLANTS[plant],
      onProgress: () => {},
    });

    expect(failures).toHaveLength(1);
    expect(failures[0]?.breaches.map(({ what }) => what).join('\n')).toMatch(told);
    expect(failures.map((failure) => describeFailure(failure)).join('\n')).toContain(
      `again: npm run chaos -- --seed ${seed}`,
    );
  });
});
