import { InvalidRequestError } from '../../kernel/errors.ts';

/** Lengths are counted in characters (code points), as MLflow counts them. */

/** True when a text has more characters than the limit. */
export const isLongerThan = (text: string, limit: number): boolean => {
  if (text.length <= limit) return false;
  let count = 0;
  for (let at = 0; at < text.length && count <= limit; count += 1) {
    // Counted in place: as a list of characters a text of 16 MB would take a second.
    at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  }
  return count > limit;
};

/** The first characters; half a surrogate pair, which no store keeps, becomes U+FFFD. */
export const cutText = (text: string, limit: number): string => {
  const whole = text.toWellFormed();
  return isLongerThan(whole, limit) ? [...whole.slice(0, 2 * limit)].slice(0, limit).join('') : whole;
};

export const exceedsLength = (what: string, limit: number): InvalidRequestError =>
  new InvalidRequestError(`'${what}' exceeds the maximum length of ${limit} characters`);

/** @throws InvalidRequestError for a text beyond the limit. */
export const checkLength = (text: string, limit: number, what: string): string => {
  if (isLongerThan(text, limit)) throw exceedsLength(what, limit);
  return text.toWellFormed();
};
