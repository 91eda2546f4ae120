import { describe, expect, it } from 'vitest';
import { PLANTS, type PlantName } from '../../infra/local/chaos/plants.ts';
import { describeFailure } from '../../infra/local/chaos/report.ts';
import { runChaos } from '../../infra/local/chaos/run-chaos.ts';
import { builtBefore } from '../helpers/built-functions.ts';

/** Bugs that are put into the bundles: chaos must find each of them, and say with which seed. */

const FOUND_BY: readonly (readonly [plant: PlantName, seed: number, told: RegExp])[] = [
  ['drop-condition', 47, /version 1 is of run upload-1, which claims 2/],
  ['swallow-retry', 278, /answered predictions are not captured/],
  ['alias-first', 1, /moved live to .* which no rollout states/],
];

describe('a planted bug', () => {
  it.each(FOUND_BY)('%s is found by seed %i, which plays it again', { timeout: 600_000 }, async (plant, seed, told) => {
    const options = { firstSeed: seed, seedCount: 1, workerCount: 1, shrink: false, checkSites: false };

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
