import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { renderEstimates } from './render-estimates.ts';
import { simulateEstimates } from './simulate-estimates.ts';
import { tellEstimates } from './tell-estimates.ts';

const USAGE = `npm run simulate -- estimates [options]

Estimates of quality before the labels come, held to the labels: windows of the January hold-out of flight-delay that are
drawn with other weights of origins and hours, and every day of version 1 from 1 February to 29 June 2001, checked each
morning with the labels that are in by then. Ends with 1 if a claim does not hold. Takes some three minutes.

  --flights N    of each day of service, drawn by a hash, 500 to 20000 (default: 5000)
  --windows N    under covariate shift, 50 to 5000 (default: 500)
  --quick        1000 flights a day and 100 windows
  --seed TEXT    of the windows (default: 1)
  --report FILE  writes all of it, with tables by week and pictures, as one HTML page
  --json         prints all figures as JSON instead of text, with the last day's report
  --help         this text
`;

const FULL = { flights: '5000', windows: '500' };
const QUICK = { flights: '1000', windows: '100' };

const wholeNumber = (option: string, given: string, [least, most]: readonly [number, number]): number => {
  const value = Number(given);
  if (!Number.isInteger(value) || value < least || value > most)
    throw new TypeError(`--${option} must be an integer in [${least}, ${most}], got ${given}`);
  return value;
};

const readArguments = (args: readonly string[]) => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      flights: { type: 'string' },
      windows: { type: 'string' },
      quick: { type: 'boolean', default: false },
      seed: { type: 'string', default: '1' },
      report: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const usual = values.quick ? QUICK : FULL;
  return {
    ...values,
    flightsPerDay: wholeNumber('flights', values.flights ?? usual.flights, [500, 20_000]),
    windowCount: wholeNumber('windows', values.windows ?? usual.windows, [50, 5_000]),
  };
};

/** @returns whether every claim holds */
export const runEstimates = async (args: readonly string[]): Promise<boolean> => {
  const { flightsPerDay, windowCount, seed, report, json, help } = readArguments(args);
  if (help) {
    console.log(USAGE);
    return true;
  }
  const onProgress = (told: string): void => console.error(told);
  const simulation = await simulateEstimates({ flightsPerDay, windowCount, seed, onProgress });
  if (report !== undefined) writeFileSync(report, renderEstimates(simulation));
  console.log(json ? JSON.stringify(simulation, null, 2) : tellEstimates(simulation));
  return simulation.claims.every(({ holds }) => holds);
};
