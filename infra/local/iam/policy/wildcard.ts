/** Whether a text may match: `*` any characters, also none and also `:` and `/`; `?` exactly one. */
export type TextTest = (text: string) => boolean;

const escapeRegex = (text: string): string => text.replace(/[.+^${}()|[\]\\]/g, '\\$&');

/** `${*}`, `${?}` and `${$}` stand for the characters themselves. */
const LITERALS = /\$\{([*?$])\}/g;

/**
 * Compiles a pattern of IAM.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
 */
export const compileWildcard = (pattern: string, flags = ''): TextTest => {
  if (pattern === '*') return () => true;
  if (!/[*?$]/.test(pattern) && flags === '') return (text) => text === pattern;
  const parts = pattern.split(LITERALS);
  // Odd parts are what stood between `${` and `}`.
  const source = parts
    .map((part, index) => (index % 2 === 1 ? escapeRegex(part).replace(/[*?]/, '\\$&') : globSource(part)))
    .join('');
  const regex = new RegExp(`^${source}$`, `s${flags}`);
  return (text) => regex.test(text);
};

const globSource = (glob: string): string => escapeRegex(glob).replaceAll('*', '.*').replaceAll('?', '.');

/** An ARN's six parts; the last holds every further colon. */
const arnParts = (arn: string): readonly string[] => {
  const parts = arn.split(':');
  return [...parts.slice(0, 5), parts.slice(5).join(':')];
};

/**
 * `ArnEquals` and `ArnLike` behave the same: each of the six parts may hold wildcards, and a wildcard does not cross a
 * colon but in the last part.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
export const compileArnPattern = (pattern: string): TextTest => {
  const tests = arnParts(pattern).map((part) => compileWildcard(part));
  if (pattern === '*') return () => true;
  return (text) => {
    const parts = arnParts(text);
    return text.startsWith('arn:') && tests.every((test, index) => test(parts[index] ?? ''));
  };
};
