import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { requirePinnedNode } from '../../infra/commands/require-pinned-node.ts';
import { runEstimates } from './estimates/run-estimates.ts';
import { type Claim, claimsOf } from './judge/claims.ts';
import { renderReport } from './judge/render-report.ts';
import { simulateJudge } from './judge/simulate-judge.ts';
import { runNullYear } from './null-year/run-null-year.ts';
import { runRetraining } from './retraining/run-retraining.ts';
import { runShadow } from './shadow/run-shadow.ts';

const MOST_CANARIES = 1_000_000;
const QUICK_CANARIES = 500;

const USAGE = `npm run simulate -- judge [options]
npm run simulate -- estimates [options] quality before the labels come, on the real flights; estimates --help
npm run simulate -- shadow [options]    paired shadow scoring on the real flights; shadow --help
npm run simulate -- null-year [options] false alarms and days to detection of the drift check; null-year --help
npm run simulate -- retraining [options]    whether retraining was worth it, on the real flights; retraining --help

Plays thousands of canaries of every kind against the canary judge, and against fixed thresholds and a z-test that is
looked at again and again: false aborts, how soon harm is found, what is promoted. Ends with 1 if a claim does not hold.

  --canaries N   of each kind, 100 to ${MOST_CANARIES} (default: 10000, minutes on one core)
  --quick        ${QUICK_CANARIES} canaries of each kind
  --seed TEXT    another course of events (default: 1); the same seed gives the same figures
  --report FILE  writes all of it, with tables and pictures, as one HTML page
  --json         prints all figures as JSON instead of the claims as text
  --help         this text
`;

const readArguments = () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      canaries: { type: 'string' },
      quick: { type: 'boolean', default: false },
      seed: { type: 'string', default: '1' },
      report: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return { ...values, canaryCount: 0 };
  if (positionals.length !== 1 || positionals[0] !== 'judge')
    throw new TypeError(
      `what to simulate must be judge, estimates, null-year, retraining or shadow, got ${positionals.join(' ') || 'nothing'}`,
    );
  if (values.quick && values.canaries !== undefined) throw new TypeError('--quick stands alone, without --canaries');
  const canaryCount = Number(values.canaries ?? (values.quick ? QUICK_CANARIES : 10_000));
  if (!Number.isInteger(canaryCount) || canaryCount < 100 || canaryCount > MOST_CANARIES)
    throw new TypeError(`--canaries must be an integer in [100, ${MOST_CANARIES}], got ${values.canaries}`);
  return { ...values, canaryCount };
};

const tell = (measured: number, unit: Claim['unit']): string =>
  unit === 'share' ? `${(100 * measured).toFixed(2)} %` : `${measured.toFixed(3)} n80`;

const lineOf = ({ name, measured, upper99, betterIs, limit, holds, unit }: Claim): string => {
  const bound = upper99 === undefined ? '' : ` (99 % bound ${tell(upper99, unit)})`;
  return `${holds ? 'holds' : 'FAILS'}  ${name}: ${tell(measured, unit)}${bound}, to be ${betterIs} ${tell(limit, unit)}`;
};

const run = ({ canaryCount, seed, report, json }: ReturnType<typeof readArguments>): boolean => {
  const simulation = simulateJudge({
    seed,
    canaryCount,
    nowMs: () => performance.now(),
    onProgress: (line) => console.error(line),
  });
  const claims = claimsOf(simulation);
  if (report !== undefined) writeFileSync(report, renderReport(simulation));
  if (json) console.log(JSON.stringify({ claims, ...simulation }, null, 2));
  else {
    for (const claim of claims) console.log(lineOf(claim));
    const held = claims.filter(({ holds }) => holds).length;
    console.log(`\n${held} of ${claims.length} claims hold, ${canaryCount} canaries each, ${simulation.wallSeconds} s`);
  }
  return claims.every(({ holds }) => holds);
};

requirePinnedNode();

const judgeCanaries = (): void => {
  const options = readArguments();
  if (options.help) console.log(USAGE);
  else process.exitCode = run(options) ? 0 : 1;
};

try {
  if (process.argv[2] === 'estimates') process.exitCode = (await runEstimates(process.argv.slice(3))) ? 0 : 1;
  else if (process.argv[2] === 'retraining') await runRetraining(process.argv.slice(3));
  else if (process.argv[2] === 'null-year') runNullYear(process.argv.slice(3));
  else if (process.argv[2] === 'shadow') await runShadow(process.argv.slice(3));
  else judgeCanaries();
} catch (error) {
  console.error(`simulate: ${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  process.exitCode = 2;
}
