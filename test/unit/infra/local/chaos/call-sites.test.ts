import { describe, expect, it } from 'vitest';
import { allCallSites, readCallSites, targetsOf } from '../../../../../infra/local/chaos/call-sites.ts';
import { scenarioOf } from '../../../../../infra/local/chaos/scenarios.ts';

const sites = readCallSites();

describe('the call sites at which seeds aim', () => {
  it('are all aimed at by three hundred seeds, each of them twice or more', () => {
    const counts = new Map<string, number>();
    for (let seed = 1; seed <= 300; seed += 1) {
      for (const site of targetsOf(seed, sites)) counts.set(site, (counts.get(site) ?? 0) + 1);
    }

    const seldom = allCallSites(sites).filter((site) => (counts.get(site) ?? 0) < 2);

    expect(seldom).toEqual([]);
  });

  it('are places that the scenario of the seed comes to', () => {
    for (let seed = 0; seed < 50; seed += 1) {
      const reached = Object.keys(sites[scenarioOf(seed)].calls);

      expect(reached).toEqual(expect.arrayContaining([...targetsOf(seed, sites)]));
    }
  });
});
