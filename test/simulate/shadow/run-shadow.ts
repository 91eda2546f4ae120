import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { tellShadow } from './render-shadow.ts';
import { simulateShadow } from './simulate-shadow.ts';

const USAGE = `npm run simulate -- shadow [options]

Compares version 2 of flight-delay (trained on 18 February 2001) with version 1 (1 February) on the flights from then to
31 March: by paired shadow scoring, through the deployed function compare-versions at its daily hour, and beside it by
flights that ask one version each, drawn by a coin. Prints each day, both confidence sequences and when each decided.
Takes two to three minutes.

  --flights N    of each day, drawn by a hash (default: all, about 16,500)
  --seed TEXT    of the sample and the coin (default: 1)
  --report FILE  writes everything as JSON
  --json         prints JSON instead of text
  --help         this text
`;

const MOST_FLIGHTS = 20_000;

const readArguments = (args: readonly string[]) => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      flights: { type: 'string' },
      seed: { type: 'string', default: '1' },
      report: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const flightsPerDay = values.flights === undefined ? undefined : Number(values.flights);
  if (
    flightsPerDay !== undefined &&
    !(Number.isInteger(flightsPerDay) && flightsPerDay >= 1 && flightsPerDay <= MOST_FLIGHTS)
  )
    throw new TypeError(`--flights must be an integer in [1, ${MOST_FLIGHTS}], got ${values.flights}`);
  return { ...values, flightsPerDay };
};

/** The function's own log lines go where Lambda puts them: not among the figures. */
const withoutLog = async <T>(work: () => Promise<T>): Promise<T> => {
  const { log } = console;
  console.log = () => {};
  try {
    return await work();
  } finally {
    console.log = log;
  }
};

export const runShadow = async (args: readonly string[]): Promise<void> => {
  const { flightsPerDay, seed, report, json, help } = readArguments(args);
  if (help) {
    console.log(USAGE);
    return;
  }
  const simulation = await withoutLog(() =>
    simulateShadow({ flightsPerDay, seed, onProgress: (line) => console.error(line) }),
  );
  if (report !== undefined) writeFileSync(report, `${JSON.stringify(simulation, null, 2)}\n`);
  console.log(json ? JSON.stringify(simulation, null, 2) : tellShadow(simulation));
};
