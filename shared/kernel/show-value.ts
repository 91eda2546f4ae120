const LONGEST_TEXT = 60;

/** Text cut to a length that a message can carry. */
export const shorten = (text: string, length = LONGEST_TEXT): string =>
  text.length <= length ? text : `${text.slice(0, length)}…`;

/**
 * A caller's value in an error message, of bounded length. Of lists and objects only what they are is said: their
 * content may be long, and nested deeper than a recursion can follow.
 */
export const showValue = (value: unknown): string => {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return JSON.stringify(shorten(value));
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
};
