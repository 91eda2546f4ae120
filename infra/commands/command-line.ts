import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { InvalidRequestError, isPlatformError } from '../../shared/kernel/errors.ts';
import { explainFailure } from './explain-failure.ts';

/** What a person typed wrongly is told in a line, with the usage; anything else is an error of the program. */

/** How a command ends: 0 when it is done. */
export const EXIT_REFUSED = 1;
export const EXIT_WRONG_USAGE = 2;

const isWrongOption = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_');

interface Given<T extends ParseArgsOptionsConfig> {
  readonly values: ReturnType<typeof parseArgs<{ options: T }>>['values'];
  /** What was given beside options, in order. */
  readonly words: readonly string[];
}

/** Options and words given. Ends the process with 2 for an option that is not known, or has no value. */
export const readCommandLine = <T extends ParseArgsOptionsConfig>(
  options: T,
  usage: string,
  args: readonly string[] = process.argv.slice(2),
): Given<T> => {
  try {
    const { values, positionals } = parseArgs({ options, args: [...args], allowPositionals: true });
    return { values: values as Given<T>['values'], words: positionals };
  } catch (error) {
    if (!isWrongOption(error)) throw error;
    console.error(`${error.message}\n\n${usage}`);
    process.exit(EXIT_WRONG_USAGE);
  }
};

/** The options given to a command that takes nothing beside. Ends the process with 2 where it was given something. */
export const readOptions = <T extends ParseArgsOptionsConfig>(
  options: T,
  usage: string,
  args?: readonly string[],
): Given<T>['values'] => {
  const { values, words } = readCommandLine(options, usage, args);
  const [first] = words;
  if (first === undefined) return values;
  console.error(`unexpected argument ${first}\n\n${usage}`);
  return process.exit(EXIT_WRONG_USAGE);
};

/** What a command's first word stands for. @throws InvalidRequestError that names the words it knows. */
export const verbOf = <Verb>(verbs: Readonly<Record<string, Verb>>, word: string): Verb => {
  const verb = Object.hasOwn(verbs, word) ? verbs[word] : undefined;
  if (verb !== undefined) return verb;
  throw new InvalidRequestError(`the command must be one of ${Object.keys(verbs).join(', ')}, got ${word || 'none'}`);
};

/** Carries a command out. A mistake in it ends it with 2; what the platform or AWS refuses, with 1. */
export const carryOut = async (command: () => Promise<void>, usage: string): Promise<void> => {
  try {
    await command();
  } catch (error) {
    if (error instanceof InvalidRequestError) {
      console.error(`${error.message}\n\n${usage}`);
      process.exitCode = EXIT_WRONG_USAGE;
      return;
    }
    const told = isPlatformError(error) ? error.message : explainFailure(error);
    if (told === undefined) throw error;
    console.error(told);
    process.exitCode = EXIT_REFUSED;
  }
};
