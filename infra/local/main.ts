import { writeFile } from 'node:fs/promises';
import { requirePinnedNode } from '../commands/require-pinned-node.ts';
import { readArguments, USAGE } from './story/arguments.ts';
import { start } from './story/start.ts';
import { StateInUseError } from './story/state-lock.ts';
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

/** Undefined of another failure. */
const portFault = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
    ? `${error.message}: another program has the port, or npm start in another folder (--port)`
    : undefined;

/** What a person at the terminal can mend. Undefined of a fault of the program. */
const toldFault = (error: unknown): string | undefined =>
  error instanceof SynthesisError || error instanceof StateInUseError ? error.message : portFault(error);

const args = readOrExit();
if (args.help) {
  console.log(USAGE);
} else {
  const { report, exitCode } = await start(args).catch((error: unknown) => {
    const told = toldFault(error);
    if (told === undefined) throw error;
    console.error(told);
    return process.exit(1);
  });
  if (args.report !== undefined && report !== undefined) {
    await writeFile(args.report, `${JSON.stringify(report, null, 2)}\n`);
  }
  // An interrupted story leaves queries and timers behind that would keep the process for minutes; all state is on disk.
  process.exit(exitCode);
}
