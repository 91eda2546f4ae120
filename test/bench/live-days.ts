import { liveDays } from '../helpers/simulated-year.ts';

/** Lives days in a process of its own, for `rows/twin-year.ts`: argument and answer are JSON. */

interface Plan {
  readonly assemblyFolder: string;
  readonly days: number;
  readonly seed?: number;
}

const facts = await liveDays(JSON.parse(process.argv[2] ?? '{}') as Plan);
console.log(JSON.stringify(facts));
