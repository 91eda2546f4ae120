import { AwsError } from '../contracts.ts';
import { compileMatcher, type Leaf, type LeafTest } from './event-matcher.ts';

/**
 * EventBridge's pattern language: every key must match; a list of matchers matches if any of them does; `$or` holds
 * alternatives; an array in the event matches if one of its elements does. Numbers compare by value.
 */

export type EventTest = (event: unknown) => boolean;

type Plain = Readonly<Record<string, unknown>>;

const MAX_DEPTH = 100;
const MAX_OR_ALTERNATIVES = 1000;

const isPlain = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isLeaf = (value: unknown): value is Leaf => typeof value !== 'object' || value === null;

const invalid = (reason: string): AwsError =>
  new AwsError('InvalidEventPatternException', `Event pattern is not valid. Reason: ${reason}`);

/** The leaves under a value: its elements, flattened, for an array; nothing for an object or an absent value. */
const leavesOf = (value: unknown): readonly Leaf[] => {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value.flatMap(leavesOf);
  return isLeaf(value) ? [value] : [];
};

const compileLeaf = (key: string, matchers: readonly unknown[]): EventTest => {
  if (matchers.length === 0) throw invalid(`empty array is not allowed for "${key}"`);
  const tests = matchers.map((matcher): LeafTest => compileMatcher(key, matcher, invalid));
  return (value) => {
    const leaves = leavesOf(value);
    return tests.some((test) => test(leaves));
  };
};

const compileOr = (alternatives: unknown, depth: number): EventTest => {
  if (!Array.isArray(alternatives) || alternatives.length < 2) {
    throw invalid('"$or" must be an array of at least two patterns');
  }
  if (alternatives.length > MAX_OR_ALTERNATIVES) throw invalid(`"$or" has more than ${MAX_OR_ALTERNATIVES} patterns`);
  const tests = alternatives.map((alternative) => compileObject(alternative, depth + 1));
  return (event) => tests.some((test) => test(event));
};

const compileKey = (key: string, rule: unknown, depth: number): EventTest => {
  if (key === '$or') return compileOr(rule, depth);
  if (Array.isArray(rule)) {
    const test = compileLeaf(key, rule);
    return (event) => test(isPlain(event) ? event[key] : undefined);
  }
  if (!isPlain(rule)) throw invalid(`"${key}" must be an object or an array`);
  const test = compileObject(rule, depth + 1);
  // An array of objects matches if one of them matches the whole sub-pattern; an absent object may still satisfy
  // `exists: false` inside it.
  return (event) => {
    const value = isPlain(event) ? event[key] : undefined;
    return Array.isArray(value) ? value.some(test) : test(value);
  };
};

const compileObject = (pattern: unknown, depth: number): EventTest => {
  if (depth > MAX_DEPTH) throw invalid(`nested deeper than ${MAX_DEPTH}`);
  if (!isPlain(pattern)) throw invalid('filter is not an object');
  const entries = Object.entries(pattern);
  if (entries.length === 0) throw invalid('empty patterns are not allowed');
  const tests = entries.map(([key, rule]) => compileKey(key, rule, depth));
  return (event) => tests.every((test) => test(event));
};

/** @throws AwsError InvalidEventPatternException */
export const compileEventPattern = (pattern: unknown): EventTest => compileObject(pattern, 0);

/** @throws AwsError InvalidEventPatternException */
export const parseEventPattern = (text: string): EventTest => {
  let pattern: unknown;
  try {
    pattern = JSON.parse(text);
  } catch (error) {
    throw invalid(String(error));
  }
  return compileEventPattern(pattern);
};
