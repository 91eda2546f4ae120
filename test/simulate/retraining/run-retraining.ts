import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { claimsOf } from './claims.ts';
import { renderRetraining } from './render-retraining.ts';
import { simulateRetraining } from './simulate-retraining.ts';
import { tellRetraining } from './tell-retraining.ts';

const FULL = { rowCount: 60_000, flightsPerDay: 4_000 } as const;
const QUICK = { rowCount: 15_000, flightsPerDay: 1_000 } as const;

const USAGE = `npm run simulate -- retraining [options]

Asks eight times from February to May 2001, every other Wednesday, whether version 1 of flight-delay should be trained
anew, by the estimate that an alarm's training begins with, and measures on the next 28 days of real flights what
retraining then brought. The same for champions of other ages, how models age, and what became of each rule. Trains 19
models of ${FULL.rowCount} flights; takes three to four minutes. Ends with 1 if a claim does not hold.

  --quick        ${QUICK.rowCount} flights to learn from and ${QUICK.flightsPerDay} a day to score, in about half the time; its noise may break a claim
  --report FILE  writes tables and pictures as one HTML page
  --json         prints all figures as JSON instead of text
  --help         this text
`;

export const runRetraining = async (args: readonly string[]): Promise<void> => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      report: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const size = values.quick ? QUICK : FULL;
  const simulation = await simulateRetraining({ ...size, onProgress: (line) => console.error(line) });
  const claims = claimsOf(simulation);
  if (values.report !== undefined) writeFileSync(values.report, renderRetraining(simulation));
  console.log(values.json ? JSON.stringify({ claims, ...simulation }, null, 2) : tellRetraining(simulation));
  process.exitCode = claims.every(({ holds }) => holds) ? 0 : 1;
};
