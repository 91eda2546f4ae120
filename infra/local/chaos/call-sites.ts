import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SiteCounts } from '../faults/survey.ts';
import { SCENARIO_NAMES, type ScenarioName, scenarioOf } from './scenarios.ts';

/** Where a run without faults comes to, by scenario: written by `npm run chaos -- --survey`. */
export type CallSites = Readonly<Record<ScenarioName, SiteCounts>>;

export const CALL_SITES_FILE = join(import.meta.dirname, 'call-sites.json');

export const readCallSites = (): CallSites => JSON.parse(readFileSync(CALL_SITES_FILE, 'utf8')) as CallSites;

/** Every call site, once. */
export const allCallSites = (sites: CallSites): readonly string[] =>
  [...new Set(SCENARIO_NAMES.flatMap((name) => Object.keys(sites[name].calls)))].toSorted();

/** Each site belongs to one of the scenarios that come to it, so that their turns are about equally long. */
const assign = (sites: CallSites): ReadonlyMap<ScenarioName, readonly string[]> => {
  const own = new Map<ScenarioName, string[]>(SCENARIO_NAMES.map((name) => [name, []]));
  const rarestFirst = allCallSites(sites).map((site) => ({
    site,
    names: SCENARIO_NAMES.filter((name) => sites[name].calls[site] !== undefined),
  }));
  for (const { site, names } of rarestFirst.toSorted((a, b) => a.names.length - b.names.length)) {
    const [shortest] = names.map((name) => own.get(name) ?? []).toSorted((a, b) => a.length - b.length);
    shortest?.push(site);
  }
  return own;
};

/** Sites at which a seed aims. */
const TARGETS_A_SEED = 3;

/** The sites whose turn it is: seeds in a row take the sites of their scenario in turn. */
export const targetsOf = (seed: number, sites: CallSites): readonly string[] => {
  const own = assign(sites).get(scenarioOf(seed)) ?? [];
  const turn = Math.floor(seed / SCENARIO_NAMES.length) * TARGETS_A_SEED;
  const targets = Array.from({ length: TARGETS_A_SEED }, (_, i) => own[(turn + i) % own.length]);
  return [...new Set(targets.filter((site) => site !== undefined))];
};
