import { parseArgs } from 'node:util';
import { PLANTS, type PlantName } from './plants.ts';

export interface ChaosArguments {
  readonly firstSeed: number;
  readonly seedCount: number;
  readonly workerCount: number;
  /** JSON file of a plan that replaces the drawn one. */
  readonly plan?: string;
  readonly report?: string;
  readonly plant?: PlantName;
  readonly survey: boolean;
  /** Plays days of canaries instead of the loop. */
  readonly canaryDay: boolean;
  /** Virtual hours of such a day. */
  readonly hours: number;
  readonly shrink: boolean;
  readonly help: boolean;
}

export const USAGE = `npm run chaos -- [options]

Plays the loop of npm start on small models under faults that a seed draws, and judges what is left by invariants. A
seed that fails is printed with the smallest plan that still fails; the same seed plays the same run again.

  --seed N          one seed
  --seeds COUNT     so many seeds in a row (default 20)
  --first-seed N    the first of them (default 1)
  --workers N       processes side by side (default 2)
  --report FILE     write seeds, failures, faults by kind and place, and sites never hit as JSON
  --plan FILE       play --seed N under the plan in FILE instead of its own
  --no-shrink       leave a failing plan as it is
  --plant NAME      put a bug into the functions first: ${Object.keys(PLANTS).join(', ')}
  --canary-day      play virtual days of prediction traffic, canaries, labels and metering under faults all day long,
                    and say of each claim what it was counted on (1 seed by default, no --workers)
  --hours N         of such a day (default 24, at least 3)
  --survey          play every scenario without faults and write call-sites.json
  --help            this text
`;

const wholeNumber = (name: string, text: string, minimum: number): number => {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= minimum) return value;
  throw new TypeError(`--${name} must be a whole number from ${minimum}, got ${JSON.stringify(text)}`);
};

const plantName = (text: string): PlantName => {
  if (Object.hasOwn(PLANTS, text)) return text as PlantName;
  throw new TypeError(`--plant must be one of ${Object.keys(PLANTS).join(', ')}, got ${JSON.stringify(text)}`);
};

type Given = Readonly<Record<string, string | boolean | undefined>>;

const DAY_HOURS = { usual: '24', least: 3 };
/** Options that mean nothing to what else is asked for. */
const refuseIdle = (values: Given): void => {
  const idle = values['canary-day'] === true ? ['survey', 'workers'] : ['hours'];
  const [given] = idle.filter((name) => values[name] !== undefined && values[name] !== false);
  if (given === undefined) return;
  throw new TypeError(`--${given} ${given === 'hours' ? 'needs' : 'has no meaning with'} --canary-day`);
};

/** @throws TypeError for an unknown option or a value that is not allowed. */
export const readArguments = (argv: readonly string[]): ChaosArguments => {
  const { values } = parseArgs({
    args: [...argv],
    strict: true,
    allowPositionals: false,
    options: {
      seed: { type: 'string' },
      seeds: { type: 'string' },
      'first-seed': { type: 'string' },
      workers: { type: 'string' },
      'canary-day': { type: 'boolean', default: false },
      hours: { type: 'string' },
      report: { type: 'string' },
      plan: { type: 'string' },
      plant: { type: 'string' },
      'no-shrink': { type: 'boolean', default: false },
      survey: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const { seed, plan, report, plant } = values;
  const many = values.seeds ?? values['first-seed'];
  if (seed !== undefined && many !== undefined)
    throw new TypeError('--seed stands alone, without --seeds or --first-seed');
  if (plan !== undefined && seed === undefined) throw new TypeError('--plan needs the --seed that it was made for');
  refuseIdle(values);
  const canaryDay = values['canary-day'];
  return {
    firstSeed: wholeNumber('seed', seed ?? values['first-seed'] ?? '1', 0),
    seedCount: seed === undefined ? wholeNumber('seeds', values.seeds ?? (canaryDay ? '1' : '20'), 1) : 1,
    workerCount: wholeNumber('workers', values.workers ?? '2', 1),
    ...(plan === undefined ? {} : { plan }),
    ...(report === undefined ? {} : { report }),
    ...(plant === undefined ? {} : { plant: plantName(plant) }),
    survey: values.survey,
    canaryDay,
    hours: wholeNumber('hours', values.hours ?? DAY_HOURS.usual, DAY_HOURS.least),
    shrink: !values['no-shrink'],
    help: values.help,
  };
};
