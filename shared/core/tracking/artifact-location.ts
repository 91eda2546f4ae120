import { InvalidRequestError } from '../../kernel/errors.ts';

const MOST_DECODINGS = 10;

/** Percent-decoded until nothing changes. @returns undefined for text that is not percent-encoded UTF-8, or never ends. */
const decoded = (text: string): string | undefined => {
  let current = text;
  for (let round = 0; round < MOST_DECODINGS; round += 1) {
    try {
      const next = decodeURIComponent(current);
      if (next === current) return current;
      current = next;
    } catch {
      return undefined;
    }
  }
  return undefined;
};

/**
 * Refuses a location whose query could climb out of it: stores of artifacts join paths to it, and some take `..` there
 * for a step up, however it is encoded.
 * @throws InvalidRequestError
 */
export const refuseClimbingQuery = (location: string): void => {
  const start = location.indexOf('?');
  const query = start < 0 ? '' : decoded(location.slice(start + 1));
  if (query === undefined || query.includes('..')) throw new InvalidRequestError('Invalid query string');
};
