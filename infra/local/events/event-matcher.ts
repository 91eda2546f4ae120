import { BlockList, isIP } from 'node:net';
import type { AwsError } from '../contracts.ts';

/** The matchers that may stand in a pattern's array. A test sees all leaves of its field; none means it is absent. */

export type Leaf = string | number | boolean | null;
export type LeafTest = (leaves: readonly Leaf[]) => boolean;
type Invalid = (reason: string) => AwsError;
type ValueTest = (value: Leaf) => boolean;

const NUMERIC_LIMIT = 5e9;

const any =
  (test: ValueTest): LeafTest =>
  (leaves) =>
    leaves.some(test);

const onText =
  (test: (text: string) => boolean): ValueTest =>
  (value) =>
    typeof value === 'string' && test(value);

const text = (kind: string, value: unknown, invalid: Invalid): string => {
  if (typeof value !== 'string') throw invalid(`${kind} match pattern must be a string`);
  return value;
};

const escapeRegExp = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');

/** `*` matches any run of characters; `\*` and `\\` are the characters themselves. */
const compileWildcard = (pattern: string, invalid: Invalid): ((text: string) => boolean) => {
  let source = '';
  for (let index = 0; index < pattern.length; index += 1) {
    const character = pattern.charAt(index);
    if (character === '*') {
      if (pattern.charAt(index + 1) === '*') throw invalid(`consecutive wildcard characters at pos ${index}`);
      source += '[^]*';
    } else if (character === '\\') {
      index += 1;
      const escaped = pattern.charAt(index);
      if (escaped !== '*' && escaped !== '\\') throw invalid(`invalid escape character at pos ${index - 1}`);
      source += escapeRegExp(escaped);
    } else source += escapeRegExp(character);
  }
  const compiled = new RegExp(`^${source}$`);
  return (value) => compiled.test(value);
};

const compileCidr = (value: unknown, invalid: Invalid): ValueTest => {
  const [address = '', prefix = ''] = text('CIDR', value, invalid).split('/');
  const family = isIP(address);
  if (family === 0 || !/^\d{1,3}$/.test(prefix) || Number(prefix) > (family === 4 ? 32 : 128)) {
    throw invalid(`malformed CIDR ${String(value)}`);
  }
  const list = new BlockList();
  list.addSubnet(address, Number(prefix), family === 4 ? 'ipv4' : 'ipv6');
  return onText((candidate) => isIP(candidate) === family && list.check(candidate, family === 4 ? 'ipv4' : 'ipv6'));
};

const COMPARISONS: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  '=': (value, bound) => value === bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
};

const compileNumeric = (value: unknown, invalid: Invalid): ValueTest => {
  if (!Array.isArray(value) || (value.length !== 2 && value.length !== 4)) {
    throw invalid('value of numeric must be an array of one or two comparisons');
  }
  const tests: ((candidate: number) => boolean)[] = [];
  for (let index = 0; index < value.length; index += 2) {
    const operator = String(value[index]);
    const compare = Object.hasOwn(COMPARISONS, operator) ? COMPARISONS[operator] : undefined;
    const bound: unknown = value[index + 1];
    if (compare === undefined) throw invalid(`unrecognized numeric range operator: ${operator}`);
    if (typeof bound !== 'number' || Math.abs(bound) > NUMERIC_LIMIT) {
      throw invalid(`value of ${operator} must be a number between -5e9 and 5e9`);
    }
    tests.push((candidate) => compare(candidate, bound));
  }
  const operators = value.filter((_, index) => index % 2 === 0).map(String);
  const isRange = operators[0]?.startsWith('>') && operators[1]?.startsWith('<');
  if (operators.length === 2 && !isRange) throw invalid('a numeric range is a lower bound, then an upper bound');
  return (candidate) => typeof candidate === 'number' && tests.every((test) => test(candidate));
};

const compileExists = (value: unknown, invalid: Invalid): LeafTest => {
  if (typeof value !== 'boolean') throw invalid('exists match pattern must be either true or false');
  return (leaves) => leaves.length > 0 === value;
};

const ignoringCase = (kind: string, value: unknown, invalid: Invalid): { value: string; fold: boolean } => {
  if (typeof value === 'object' && value !== null) {
    const [inner, ...rest] = Object.entries(value);
    if (inner?.[0] !== 'equals-ignore-case' || rest.length > 0) throw invalid(`unrecognized ${kind} match type`);
    return { value: text(kind, inner[1], invalid).toLowerCase(), fold: true };
  }
  return { value: text(kind, value, invalid), fold: false };
};

const TEXT_MATCHERS: Readonly<Record<string, (value: unknown, invalid: Invalid) => (candidate: string) => boolean>> = {
  prefix: (value, invalid) => {
    const wanted = ignoringCase('prefix', value, invalid);
    return (candidate) => (wanted.fold ? candidate.toLowerCase() : candidate).startsWith(wanted.value);
  },
  suffix: (value, invalid) => {
    const wanted = ignoringCase('suffix', value, invalid);
    return (candidate) => (wanted.fold ? candidate.toLowerCase() : candidate).endsWith(wanted.value);
  },
  'equals-ignore-case': (value, invalid) => {
    const wanted = text('equals-ignore-case', value, invalid).toLowerCase();
    return (candidate) => candidate.toLowerCase() === wanted;
  },
  wildcard: (value, invalid) => compileWildcard(text('wildcard', value, invalid), invalid),
};

const compileAnythingButText = (matcher: object, invalid: Invalid): ValueTest => {
  const [inner, ...rest] = Object.entries(matcher);
  const compile = inner !== undefined && Object.hasOwn(TEXT_MATCHERS, inner[0]) ? TEXT_MATCHERS[inner[0]] : undefined;
  if (inner === undefined || compile === undefined || rest.length > 0)
    throw invalid('unsupported anything-but pattern');
  const wanted: readonly unknown[] = Array.isArray(inner[1]) ? inner[1] : [inner[1]];
  const excluded = wanted.map((one) => compile(one, invalid));
  if (excluded.length === 0) throw invalid('anything-but list must not be empty');
  return (candidate) => typeof candidate !== 'string' || !excluded.some((test) => test(candidate));
};

const compileAnythingBut = (value: unknown, invalid: Invalid): ValueTest => {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return compileAnythingButText(value, invalid);
  const excluded: readonly unknown[] = Array.isArray(value) ? value : [value];
  const kinds = new Set(excluded.map((one) => typeof one));
  if (kinds.size !== 1 || !(kinds.has('string') || kinds.has('number'))) {
    throw invalid('anything-but takes strings, or numbers');
  }
  return (candidate) => !excluded.includes(candidate);
};

/** @throws AwsError made by `invalid` */
export const compileMatcher = (key: string, matcher: unknown, invalid: Invalid): LeafTest => {
  if (typeof matcher !== 'object' || matcher === null) return any((value) => value === matcher);
  const [entry, ...rest] = Object.entries(matcher);
  if (Array.isArray(matcher) || entry === undefined || rest.length > 0) {
    throw invalid(`"${key}": a match expression must be an object with one key`);
  }
  const [kind, value] = entry;
  if (kind === 'exists') return compileExists(value, invalid);
  if (kind === 'numeric') return any(compileNumeric(value, invalid));
  if (kind === 'cidr') return any(compileCidr(value, invalid));
  if (kind === 'anything-but') return any(compileAnythingBut(value, invalid));
  const compile = Object.hasOwn(TEXT_MATCHERS, kind) ? TEXT_MATCHERS[kind] : undefined;
  if (compile === undefined) throw invalid(`unrecognized match type ${kind}`);
  return any(onText(compile(value, invalid)));
};
