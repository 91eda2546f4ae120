import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { InvalidRequestError, isPlatformError } from '../../shared/kernel/errors.ts';

/** What a person typed wrongly is told in a line, with the usage; anything else is an error of the program. */

const isWrongOption = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_');

/** The options given. Ends the process with 1 for one that is not known, or has no value. */
export const readOptions = <T extends ParseArgsOptionsConfig>(
  options: T,
  usage: string,
  args: readonly string[] = process.argv.slice(2),
): ReturnType<typeof parseArgs<{ options: T }>>['values'] => {
  try {
    return parseArgs({ options, args: [...args] }).values;
  } catch (error) {
    if (!isWrongOption(error)) throw error;
    console.error(`${error.message}\n\n${usage}`);
    process.exit(1);
  }
};

/** What a command's first word stands for. @throws InvalidRequestError that names the words it knows. */
export const verbOf = <Verb>(verbs: Readonly<Record<string, Verb>>, word: string): Verb => {
  const verb = Object.hasOwn(verbs, word) ? verbs[word] : undefined;
  if (verb !== undefined) return verb;
  throw new InvalidRequestError(`the command must be one of ${Object.keys(verbs).join(', ')}, got ${word || 'none'}`);
};

/** Carries a command out. What the platform refuses ends it with 1. */
export const carryOut = async (command: () => Promise<void>, usage: string): Promise<void> => {
  try {
    await command();
  } catch (error) {
    if (!isPlatformError(error)) throw error;
    console.error(`${error.message}\n\n${usage}`);
    process.exitCode = 1;
  }
};
