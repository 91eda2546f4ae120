import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { requirePinnedNode } from '../../commands/require-pinned-node.ts';
import type { PlannedFault } from '../faults/fault-plan.ts';
import { SynthesisError } from '../story/synthesise.ts';
import { type ChaosArguments, readArguments, USAGE } from './arguments.ts';
import { CALL_SITES_FILE } from './call-sites.ts';
import { describeFailedDay, type FailedDay, runDays } from './day/run-days.ts';
import { PLANTS } from './plants.ts';
import { describeFailure, type Failure } from './report.ts';
import { runChaos, surveyCallSites } from './run-chaos.ts';

const PLANS = join('.millrace', 'chaos');

requirePinnedNode();

const readOrExit = (): ChaosArguments => {
  try {
    return readArguments(process.argv.slice(2));
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    return process.exit(2);
  }
};

const survey = async ({ workerCount }: ChaosArguments): Promise<number> => {
  const sites = await surveyCallSites(workerCount);
  await writeFile(CALL_SITES_FILE, `${JSON.stringify(sites, null, 2)}\n`);
  console.log(`wrote ${CALL_SITES_FILE}`);
  return 0;
};

/** Keeps the plan under which a seed fails. @returns its file. */
const keepPlan = async (
  { seed, plan, smallestPlan = plan }: Failure | FailedDay,
  kind: 'seed' | 'day' = 'seed',
): Promise<string> => {
  const file = join(PLANS, `${kind}-${seed}.json`);
  await mkdir(PLANS, { recursive: true });
  await writeFile(file, `${JSON.stringify(smallestPlan, null, 2)}\n`);
  return file;
};

const planIn = async (file: string): Promise<readonly PlannedFault[]> => JSON.parse(await readFile(file, 'utf8'));

const runCanaryDays = async (args: ChaosArguments): Promise<number> => {
  const { plan, plant, report: file, ...asked } = args;
  const given = plan === undefined ? {} : { plan: await planIn(plan) };
  const planted = plant === undefined ? {} : { plants: [PLANTS[plant]] };
  const report = await runDays({ ...asked, ...given, ...planted, onProgress: (line) => console.log(line) });
  if (file !== undefined) await writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
  for (const failure of report.failures) {
    const more = [`--plan ${await keepPlan(failure, 'day')}`, ...(plant === undefined ? [] : [`--plant ${plant}`])];
    console.log(`\n${describeFailedDay(failure, more)}`);
  }
  console.log(`\n${report.days.length} days in ${report.wallSeconds} s: ${report.failures.length} failed`);
  return report.failures.length === 0 ? 0 : 1;
};

const run = async (args: ChaosArguments): Promise<number> => {
  const { firstSeed, seedCount, workerCount, plan, plant, report: file, shrink } = args;
  const given = plan === undefined ? {} : { plan: await planIn(plan) };
  const planted = plant === undefined ? {} : { plant: PLANTS[plant] };
  const onProgress = (line: string): void => console.log(line);
  const checkSites = seedCount > 1 && plant === undefined;
  const options = { firstSeed, seedCount, workerCount, shrink, checkSites, onProgress };
  const report = await runChaos({ ...options, ...given, ...planted });
  if (file !== undefined) await writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
  for (const failure of report.failures) {
    const more = [`--plan ${await keepPlan(failure)}`, ...(plant === undefined ? [] : [`--plant ${plant}`])];
    console.log(`\n${describeFailure(failure, more)}`);
  }
  const { faults, callSites, failures, wallSeconds } = report;
  console.log(
    `\n${seedCount} seeds in ${wallSeconds} s: ${failures.length} failed; ${faults.injected} faults struck; ` +
      `${callSites.hit} of ${callSites.count} call sites were hit`,
  );
  for (const line of callSites.unlisted) console.log(`call-sites.json: ${line}; npm run chaos -- --survey writes it`);
  return failures.length === 0 && callSites.unlisted.length === 0 ? 0 : 1;
};

const args = readOrExit();
if (args.help) console.log(USAGE);
else {
  const play = args.canaryDay ? runCanaryDays : run;
  const exitCode = await (args.survey ? survey : play)(args).catch((error: unknown) => {
    if (!(error instanceof SynthesisError)) throw error;
    console.error(error.message);
    return 1;
  });
  process.exit(exitCode);
}
