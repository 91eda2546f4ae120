import { InvalidRequestError } from '../../kernel/errors.ts';

/** Names and descriptions, bounded by what an item and a key of the registry hold. */

const LONGEST_NAME = 256;
const LONGEST_DESCRIPTION = 20_000;
const LONGEST_LINK = 4_096;

const bounded = (what: string, text: string, limit: number): string => {
  if (text.length <= limit) return text;
  throw new InvalidRequestError(`'${what}' exceeds the maximum length of ${limit} characters`);
};

/** @throws InvalidRequestError */
export const requireModelName = (name: string, parameter = 'name'): string => bounded(parameter, name, LONGEST_NAME);

/** @throws InvalidRequestError */
export const requireDescription = (text: string): string => bounded('description', text, LONGEST_DESCRIPTION);

/** @throws InvalidRequestError */
export const requireLink = (parameter: string, text: string): string => bounded(parameter, text, LONGEST_LINK);
