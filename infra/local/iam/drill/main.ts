import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { MutationResult } from './mutate.ts';
import { describeGrant, renderUsage, superfluous } from './report.ts';
import { runDrill } from './run-drill.ts';

const USAGE = `npm run iam -- [options]

Walks every path of the platform on the embedded cloud, in virtual time, and reports for each role and resource policy
of the template which permissions were needed, and which were not.

  --mutate         removes each permission in turn and walks again: the removal must be found by a refusal that names it
  --only <text>    mutates only permissions whose line contains the text, e.g. --only JudgeCanary
  --report <file>  writes everything as JSON
  --json           prints JSON instead of text
  --help           this
`;

const readArguments = () =>
  parseArgs({
    options: {
      mutate: { type: 'boolean', default: false },
      only: { type: 'string' },
      report: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  }).values;

const showResult = ({ grant, found, evidence }: MutationResult, done: number, of: number): void =>
  console.error(`${done}/${of} ${found ? 'found' : 'NOT FOUND'} ${describeGrant(grant)}: ${evidence}`);

const run = async ({ mutate, only, report: file, json }: ReturnType<typeof readArguments>): Promise<boolean> => {
  if (only !== undefined && !mutate) throw new Error('--only chooses what --mutate removes, and needs it');
  console.error('synthesising the models of the drill, then walking every path: about a minute');
  const drill = await runDrill((name, { denials, failure }) =>
    console.error(`${name}: ${failure ?? 'played'}, ${denials.length} denied`),
  );
  try {
    const { report } = drill;
    const mutations = mutate
      ? await drill.mutate((grant) => describeGrant(grant).includes(only ?? ''), showResult)
      : [];
    // A proof over nothing would pass.
    if (mutate && mutations.length === 0) throw new Error(`no permission's line contains ${JSON.stringify(only)}`);
    const everything = { ...report, mutations };
    if (file !== undefined) writeFileSync(file, `${JSON.stringify(everything, null, 2)}\n`);
    console.log(json ? JSON.stringify(everything, null, 2) : renderUsage(report));
    const missed = mutations.filter(({ found }) => !found);
    if (mutate && !json) console.log(`${mutations.length} removed in turn, ${mutations.length - missed.length} found`);
    const clean = superfluous(report).length === 0 && report.denials.length === 0 && report.failures.length === 0;
    return clean && missed.length === 0;
  } finally {
    await drill.close();
  }
};

try {
  const options = readArguments();
  if (options.help) console.log(USAGE);
  else process.exitCode = (await run(options)) ? 0 : 1;
} catch (error) {
  console.error(`iam: ${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  process.exitCode = 2;
}
