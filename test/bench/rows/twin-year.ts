import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { assembleYear, type YearFacts, type YearOptions } from '../../helpers/simulated-year.ts';
import { type BenchRow, secondsOf } from '../bench-row.ts';

const DAYS = 365;
const BASELINE_DAYS = 1;
const SEED = 2001;
const DRIVER = join(import.meta.dirname, '../live-days.ts');
/** Little of what a simulated call makes outlives it: a larger nursery spares copies. Code that runs once a day stays compiled. */
const FLAGS = ['--max-semi-space-size=64', '--no-flush-bytecode'];

const live = (plan: Omit<YearOptions, 'onDay'>): YearFacts =>
  JSON.parse(
    execFileSync(process.execPath, [...FLAGS, DRIVER, JSON.stringify(plan)], { encoding: 'utf8' }),
  ) as YearFacts;

const must = (holds: boolean, what: string, facts: YearFacts): void => {
  if (!holds) throw new Error(`${what}: ${JSON.stringify(facts)}`);
};

export const row: BenchRow = {
  name: 'twin/year',
  unit: 's',
  betterIs: 'lower',
  baselineName: `one day of it on worker threads over HTTP, leaping as npm start does, times ${DAYS}; both with start-up`,
  async prepare() {
    const assemblyFolder = await assembleYear();
    let first: YearFacts | undefined;
    return {
      value: async () =>
        secondsOf(() => {
          const facts = live({ assemblyFolder, days: DAYS, seed: SEED });
          must(facts.trainings === DAYS && facts.failures === 0, 'every day trains', facts);
          must(facts.driftChecks >= DAYS * 24 && facts.fewestPredictions >= 20, 'every hour is checked', facts);
          must(facts.rollouts >= 12, 'a version is rolled out every month', facts);
          first ??= facts;
          must(facts.digest === first.digest, 'one seed gives one event log', facts);
        }),
      baseline: async () => {
        const seconds = secondsOf(() => live({ assemblyFolder, days: BASELINE_DAYS }));
        return (seconds * DAYS) / BASELINE_DAYS;
      },
    };
  },
};
