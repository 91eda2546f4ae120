import { InvalidRequestError } from '../../kernel/errors.ts';

/** What an alias may be called: MLflow's rules, in its words. */

const FORM = /^[\p{L}\p{N}_-]*$/u;
const VERSION_FORM = /^[vV]\p{Nd}+$/u;
const LONGEST = 255;

export const LATEST_ALIAS = 'latest';

/** @throws InvalidRequestError unless an alias may be looked for by this name. */
export const requireAliasName = (alias: string): void => {
  if (!FORM.test(alias)) {
    throw new InvalidRequestError(
      `Invalid alias name: '${alias}'. Names may only contain alphanumerics, underscores (_), and dashes (-).`,
    );
  }
  if (alias.length > LONGEST) {
    throw new InvalidRequestError(`'Registered model alias name' exceeds the maximum length of ${LONGEST} characters`);
  }
};

/** @throws InvalidRequestError unless an alias may be set by this name. */
export const requireFreeAliasName = (alias: string): void => {
  requireAliasName(alias);
  if (alias.toLowerCase() === LATEST_ALIAS) {
    throw new InvalidRequestError("'latest' alias name (case insensitive) is reserved.");
  }
  if (VERSION_FORM.test(alias)) throw new InvalidRequestError(`Version alias name '${alias}' is reserved.`);
};
