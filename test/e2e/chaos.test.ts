import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCallSites } from '../../infra/local/chaos/call-sites.ts';
import { type Assemblies, prepareAssemblies } from '../../infra/local/chaos/prepare-assemblies.ts';
import type { ChaosReport } from '../../infra/local/chaos/report.ts';
import { runChaos } from '../../infra/local/chaos/run-chaos.ts';
import { planOf, runSeed } from '../../infra/local/chaos/run-seed.ts';
import { SCENARIO_NAMES } from '../../infra/local/chaos/scenarios.ts';
import { makeToyRows } from '../../infra/local/chaos/toy-rows.ts';
import { builtBefore } from '../helpers/built-functions.ts';

/**
 * Each scenario under one seed: `SEEDS=10 npx vitest run test/e2e/chaos.test.ts` plays ten; `npm run chaos` plays
 * twenty, and `npm run chaos -- --seeds 300` says more.
 */

const SEEDS = Number(process.env.SEEDS ?? SCENARIO_NAMES.length);
/** So few seeds do not draw every kind of fault anywhere: from here on they do, each kind more than once. */
const FIRST_SEED = 52;
const WORKERS = 2;

describe('some seeds', () => {
  let report: ChaosReport;

  beforeAll(async () => {
    const options = { firstSeed: FIRST_SEED, seedCount: SEEDS, workerCount: WORKERS, shrink: false, checkSites: true };
    report = await runChaos({ ...options, ...(await builtBefore()), onProgress: () => {} });
  }, 900_000);

  it('hold every invariant', () => {
    expect(report.failures).toEqual([]);
  });

  it('are struck by faults of every kind', () => {
    expect(report.faults.injected).toBeGreaterThan(10 * SEEDS);
    expect(Object.keys(report.faults.byKind)).toEqual(
      expect.arrayContaining([
        'clock-skew',
        'delay',
        'duplicate',
        'kill-after',
        'kill-before',
        'lost-answer',
        'reject',
        'server-error',
        'slow',
        'stale-read',
        'throttle',
      ]),
    );
  });

  it('find the call sites on file, and every grant of a function called', () => {
    expect(report.callSites.unlisted).toEqual([]);
  });
});

describe('one seed', () => {
  let assemblies: Assemblies;

  beforeAll(async () => {
    assemblies = await prepareAssemblies(['rollback'], await builtBefore());
  }, 300_000);

  afterAll(() => assemblies.remove());

  it('plays the same run again, event by event', { timeout: 300_000 }, async () => {
    const stage = { assemblies: assemblies.byModels, revisedAssemblyFolder: '', rows: await makeToyRows() };
    const listen = async (): Promise<readonly string[]> => {
      const lines: string[] = [];
      await runSeed(stage, 6, planOf(6, readCallSites()), (line) => lines.push(line));
      return lines;
    };

    const [first, second] = [await listen(), await listen()];

    expect(first.length).toBeGreaterThan(1_000);
    expect(first.some((line) => / fault /.test(line))).toBe(true);
    expect(second).toEqual(first);
  });
});
