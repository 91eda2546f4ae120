import { InvalidRequestError } from '../../kernel/errors.ts';
import { showValue } from '../../kernel/show-value.ts';

/** A workspace is a tenant of the tracking API: experiments, runs, models and artifacts of one never meet another's. */

export const DEFAULT_WORKSPACE = 'default';
/** Stands for every workspace in what a token allows. */
export const EVERY_WORKSPACE = '*';

const NAME = /^[a-z][a-z0-9-]{0,31}$/;

/** @throws InvalidRequestError unless the text is a workspace's name. */
export const checkWorkspace = (name: string): string => {
  if (NAME.test(name)) return name;
  throw new InvalidRequestError(
    `workspace must be 1 to 32 lower-case letters, digits and hyphens and start with a letter, got ${showValue(name)}`,
  );
};

const PREFIX = /^\/t\/([^/]*)(\/.*)?$/;

/**
 * The workspace that a request is meant for, by `/t/<workspace>` before the path or by a header.
 * @returns the path without that prefix.
 * @throws InvalidRequestError for a name that none can have, and when path and header say different things.
 */
export const workspaceOf = (
  path: string,
  header: string | undefined,
): { readonly workspace: string; readonly path: string } => {
  const [prefix, named, below = '/'] = PREFIX.exec(path) ?? [];
  const selected = header === undefined || header === '' ? undefined : checkWorkspace(header);
  if (prefix === undefined || named === undefined) return { workspace: selected ?? DEFAULT_WORKSPACE, path };
  const workspace = checkWorkspace(named);
  if (selected !== undefined && selected !== workspace) {
    throw new InvalidRequestError(
      `the path selects workspace ${showValue(workspace)} and the header X-MLFLOW-WORKSPACE ${showValue(selected)}`,
    );
  }
  return { workspace, path: below };
};
