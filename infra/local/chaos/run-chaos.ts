import { faultWord, type PlannedFault } from '../faults/fault-plan.ts';
import { allCallSites, type CallSites, readCallSites } from './call-sites.ts';
import { grantedServices, neverCalled } from './granted-services.ts';
import type { Plant } from './plants.ts';
import { openPool, type Pool } from './pool.ts';
import { type Assemblies, type GivenBuild, type GivenBundles, prepareAssemblies } from './prepare-assemblies.ts';
import { type ChaosReport, type Failure, reportOf } from './report.ts';
import { planOf, type SeedResult } from './run-seed.ts';
import { SCENARIO_NAMES, type ScenarioName, scenarioOf } from './scenarios.ts';
import { shrink } from './shrink.ts';

export interface ChaosOptions extends GivenBuild {
  readonly firstSeed: number;
  readonly seedCount: number;
  readonly workerCount: number;
  /** Replaces the plan that the seed draws. */
  readonly plan?: readonly PlannedFault[];
  /** A bug that is put into the functions. */
  readonly plant?: Plant;
  readonly shrink: boolean;
  /** Plays every scenario without faults as well, and compares the sites that it comes to with those on file. */
  readonly checkSites: boolean;
  readonly onProgress: (line: string) => void;
}

/** Opens processes on freshly synthesised assemblies, and removes both afterwards. */
const withPool = async <T>(
  {
    workerCount,
    scenarios,
    ...given
  }: Pick<ChaosOptions, 'workerCount'> & GivenBundles & { readonly scenarios: readonly ScenarioName[] },
  work: (pool: Pool, assemblies: Assemblies) => Promise<T>,
): Promise<T> => {
  const assemblies = await prepareAssemblies(scenarios, given);
  const pool = openPool(assemblies, workerCount);
  try {
    return await work(pool, assemblies);
  } finally {
    pool.close();
    await assemblies.remove();
  }
};

const surveyAll = async (pool: Pool): Promise<CallSites> => {
  const entries = await Promise.all(
    SCENARIO_NAMES.map(async (name) => {
      const { counts, breaches } = await pool.survey(name);
      const [breach] = breaches;
      if (breach) throw new Error(`${name} without any fault: not ${breach.invariant}: ${breach.what}`);
      return [name, counts] as const;
    }),
  );
  return Object.fromEntries(entries) as unknown as CallSites;
};

/** Plays every scenario without faults. @throws Error when an invariant is broken even then. */
export const surveyCallSites = (workerCount: number): Promise<CallSites> =>
  withPool({ workerCount, scenarios: SCENARIO_NAMES }, surveyAll);

/** How often an invocation comes to a place hangs on how many objects Firehose wrote. */
const placeOf = (site: string): string => site.replace(/ #\d+$/, '');

/** What the list of call sites on file lacks, or names in vain: found by runs without faults, and by the roles. */
const findUnlisted = async (pool: Pool, { byModels }: Assemblies, onFile: CallSites): Promise<readonly string[]> => {
  const listed = allCallSites(onFile);
  const visited = allCallSites(await surveyAll(pool));
  const [placesListed, placesVisited] = [new Set(listed.map(placeOf)), new Set(visited.map(placeOf))];
  const granted = new Set(Object.values(byModels).flatMap((folder) => [...grantedServices(folder)]));
  return [
    ...visited.filter((site) => !placesListed.has(placeOf(site))).map((site) => `${site} is not on file`),
    ...listed
      .filter((site) => !placesVisited.has(placeOf(site)))
      .map((site) => `${site} is on file, no run comes there`),
    ...neverCalled(granted, visited).map((grant) => `${grant} is granted, no run calls it`),
  ];
};

const showResult = ({ seed, scenario, injected, breaches, wallMs }: SeedResult): string => {
  const verdict = breaches.length === 0 ? 'held' : `FAILED: ${breaches[0]?.what}`;
  return `seed ${seed} ${scenario}: ${injected.length} faults, ${(wallMs / 1_000).toFixed(1)} s, ${verdict}`;
};

const failureOf = async (pool: Pool, result: SeedResult, options: ChaosOptions): Promise<Failure> => {
  const { seed, scenario, breaches, plan } = result;
  const failure = { seed, scenario, breaches, plan };
  if (!options.shrink) return failure;
  const fails = async (part: readonly PlannedFault[]) => (await pool.runSeed(seed, part)).breaches.length > 0;
  const smallestPlan = await shrink(plan, fails, {
    onSmaller: (part) => options.onProgress(`seed ${seed} fails under ${part.map(faultWord).join(', ')}`),
  });
  return { ...failure, smallestPlan };
};

/** Plays seeds in a row, each under the plan that it draws; failing plans are made as small as they go. */
export const runChaos = async (options: ChaosOptions): Promise<ChaosReport> => {
  const { firstSeed, seedCount, workerCount, plan, plant, bundles, synthesise, onProgress } = options;
  const startedAt = performance.now();
  const sites = readCallSites();
  const seeds = Array.from({ length: seedCount }, (_, i) => firstSeed + i);
  const scenarios = options.checkSites ? SCENARIO_NAMES : seeds.map(scenarioOf);
  const given = { plants: plant ? [plant] : [], bundles, synthesise };
  return withPool({ workerCount, scenarios, ...given }, async (pool, assemblies) => {
    onProgress(`${((performance.now() - startedAt) / 1_000).toFixed(0)} s: synthesised`);
    const unlisted = options.checkSites ? await findUnlisted(pool, assemblies, sites) : [];
    const results = await Promise.all(
      seeds.map(async (seed) => {
        const result = await pool.runSeed(seed, plan ?? planOf(seed, sites));
        onProgress(showResult(result));
        return result;
      }),
    );
    const failures: Failure[] = [];
    for (const result of results.filter(({ breaches }) => breaches.length > 0)) {
      failures.push(await failureOf(pool, result, options));
    }
    return reportOf(results, failures, { sites, unlisted, wallMs: performance.now() - startedAt, workerCount });
  });
};
