const LONGEST_TEXT = 60;

/** Text cut to a length that a message can carry. */
export const shorten = (text: string, length = LONGEST_TEXT): string =>
  text.length <= length ? text : `${text.slice(0, length)}…`;

const LONGEST_LIST = 6;

const showScalar = (value: unknown): string | undefined => {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return JSON.stringify(shorten(value));
  return typeof value === 'object' && value !== null ? undefined : String(value);
};

/**
 * A caller's value in an error message, of bounded length. Of objects and long lists only what they are is said:
 * their content may be nested deeper than a recursion can follow.
 */
export const showValue = (value: unknown): string => {
  if (!Array.isArray(value)) return showScalar(value) ?? 'an object';
  const cells = value.slice(0, LONGEST_LIST).map(showScalar);
  return value.length > LONGEST_LIST || cells.includes(undefined) ? 'a list' : `[${cells.join(', ')}]`;
};
