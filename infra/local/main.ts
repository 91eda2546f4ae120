import { writeFile } from 'node:fs/promises';
import { requirePinnedNode } from '../commands/require-pinned-node.ts';
import { readArguments, USAGE } from './story/arguments.ts';
import { start } from './story/start.ts';
import { SynthesisError } from './story/synthesise.ts';

requirePinnedNode();

const readOrExit = () => {
  try {
    return readArguments(process.argv.slice(2));
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    return process.exit(2);
  }
};

const args = readOrExit();
if (args.help) {
  console.log(USAGE);
} else {
  const { report, exitCode } = await start(args).catch((error: unknown) => {
    if (!(error instanceof SynthesisError)) throw error;
    console.error(error.message);
    return process.exit(1);
  });
  if (args.report !== undefined && report !== undefined) {
    await writeFile(args.report, `${JSON.stringify(report, null, 2)}\n`);
  }
  // An interrupted story leaves queries and timers behind that would keep the process for minutes; all state is on disk.
  process.exit(exitCode);
}
