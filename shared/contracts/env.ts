/**
 * Reads the variables that a function needs, once, at its cold start.
 * @throws Error naming every missing variable: the cold start stops, no request meets a half-wired function.
 */
export const readEnv = <Name extends string>(
  names: readonly Name[],
  source: Readonly<Record<string, string | undefined>> = process.env,
): Readonly<Record<Name, string>> => {
  const missing = names.filter((name) => !source[name]);
  if (missing.length > 0) throw new Error(`environment variables are missing: ${missing.join(', ')}`);
  return Object.fromEntries(names.map((name) => [name, source[name]])) as Record<Name, string>;
};

/** A function's own bundle: its digest says which code made what the function makes. */
export const ownCodePath = (): string => `${readEnv(['LAMBDA_TASK_ROOT']).LAMBDA_TASK_ROOT}/index.js`;

/** Where a function finds the digests of all bundles and of the lockfile that were deployed with it. */
export const buildInfoPath = (): string => `${readEnv(['LAMBDA_TASK_ROOT']).LAMBDA_TASK_ROOT}/build-info.json`;

/** Where a function finds the model definitions that were deployed beside its code. */
export const definitionsPath = (): string => `${readEnv(['LAMBDA_TASK_ROOT']).LAMBDA_TASK_ROOT}/definitions.json`;
