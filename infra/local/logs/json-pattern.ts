import { AwsError } from '../contracts.ts';

/** `{ $.level = "error" && ($.count > 3 || $.name = "a*") && $.x NOT EXISTS }` */

type Test = (line: unknown) => boolean;

interface Parser {
  readonly source: string;
  position: number;
}

const invalid = (source: string): AwsError =>
  new AwsError('InvalidParameterException', `Invalid filter pattern: ${source}`);

const SELECTOR = /\$((?:\.[A-Za-z0-9_@-]+|\[\d+\]|\[["'][^"']+["']\])+)/y;
const COMPARISON = /(!=|<=|>=|=|<|>)\s*(?:"((?:[^"\\]|\\.)*)"|([^\s)&|}]+))/y;
const STATE = /(IS\s+NULL|IS\s+TRUE|IS\s+FALSE|NOT\s+EXISTS)/y;

const take = (parser: Parser, pattern: RegExp): RegExpExecArray | undefined => {
  const space = /\s*/y;
  space.lastIndex = parser.position;
  space.exec(parser.source);
  pattern.lastIndex = space.lastIndex;
  const match = pattern.exec(parser.source);
  if (match === null) return undefined;
  parser.position = pattern.lastIndex;
  return match;
};

/** `$.a.b[0]` @throws AwsError InvalidParameterException */
export const parseSelector = (selector: string): ((line: unknown) => unknown) => {
  const parser: Parser = { source: selector, position: 0 };
  const match = take(parser, SELECTOR);
  if (match === undefined || parser.position !== selector.length) throw invalid(selector);
  const steps = [...(match[1] ?? '').matchAll(/\.([A-Za-z0-9_@-]+)|\[(\d+)\]|\[["']([^"']+)["']\]/g)].map(
    ([, name, index, quoted]) => name ?? index ?? quoted ?? '',
  );
  return (line) => {
    let value: unknown = line;
    for (const step of steps) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
      value = (value as Readonly<Record<string, unknown>>)[step];
    }
    return value;
  };
};

const compareNumbers: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '=': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

const compareTexts = (operator: string, wanted: string, source: string): ((value: unknown) => boolean) => {
  if (operator !== '=' && operator !== '!=') throw invalid(source);
  const escaped = wanted.split('*').map((part) => part.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'));
  const expression = new RegExp(`^${escaped.join('[^]*')}$`);
  return (value) => (typeof value === 'string' && expression.test(value)) === (operator === '=');
};

const parseCondition = (parser: Parser): Test => {
  const selector = take(parser, SELECTOR);
  if (selector === undefined) throw invalid(parser.source);
  const read = parseSelector(selector[0]);
  const state = take(parser, STATE)?.[1]?.replace(/\s+/, ' ');
  if (state !== undefined) {
    const wanted = { 'IS NULL': null, 'IS TRUE': true, 'IS FALSE': false, 'NOT EXISTS': undefined }[state];
    return (line) => read(line) === wanted;
  }
  const comparison = take(parser, COMPARISON);
  if (comparison === undefined) throw invalid(parser.source);
  const [, operator = '', quoted, bare = ''] = comparison;
  const compare = compareNumbers[operator];
  const number = Number(bare);
  if (quoted === undefined && !Number.isNaN(number) && compare !== undefined) {
    return (line) => {
      const value = read(line);
      return typeof value === 'number' && compare(value, number);
    };
  }
  const test = compareTexts(operator, quoted?.replaceAll(/\\(.)/g, '$1') ?? bare, parser.source);
  return (line) => {
    const value = read(line);
    return value !== undefined && test(value);
  };
};

const parsePrimary = (parser: Parser): Test => {
  if (take(parser, /\(/y) === undefined) return parseCondition(parser);
  const inner = parseOr(parser);
  if (take(parser, /\)/y) === undefined) throw invalid(parser.source);
  return inner;
};

const parseAnd = (parser: Parser): Test => {
  const tests = [parsePrimary(parser)];
  while (take(parser, /&&/y) !== undefined) tests.push(parsePrimary(parser));
  return (line) => tests.every((test) => test(line));
};

const parseOr = (parser: Parser): Test => {
  const tests = [parseAnd(parser)];
  while (take(parser, /\|\|/y) !== undefined) tests.push(parseAnd(parser));
  return (line) => tests.some((test) => test(line));
};

/** @throws AwsError InvalidParameterException */
export const parseJsonPattern = (source: string): Test => {
  const parser: Parser = { source, position: 0 };
  if (take(parser, /\{/y) === undefined) throw invalid(source);
  const test = parseOr(parser);
  if (take(parser, /\}\s*$/y) === undefined) throw invalid(source);
  return test;
};
