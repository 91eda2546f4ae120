import { AwsError } from '../contracts.ts';
import type { AlarmStateValue } from './alarm.ts';

/** `ALARM("a") AND NOT (OK("b") OR FALSE)`: the rule of a composite alarm. */
export interface CompositeRule {
  /** Names or ARNs of the alarms that it reads. */
  readonly alarms: readonly string[];
  readonly holds: (stateOf: (alarm: string) => AlarmStateValue | undefined) => boolean;
}

type Holds = CompositeRule['holds'];

const TOKEN =
  /\s*(?:(AND|OR|NOT|TRUE|FALSE)\b|(ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:"([^"]+)"|'([^']+)'|([^\s()"']+))\s*\)|([()]))/y;
const MAX_ALARMS = 100;
const MAX_LENGTH = 10_240;

type Token =
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'state'; readonly state: AlarmStateValue; readonly alarm: string };

const invalid = (why: string): AwsError => new AwsError('ValidationError', `AlarmRule is not valid: ${why}`);

const tokenize = (rule: string): readonly Token[] => {
  if (rule.length > MAX_LENGTH) throw invalid(`longer than ${MAX_LENGTH} characters`);
  const source = rule.trimEnd();
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.length) {
    const position = TOKEN.lastIndex;
    const match = TOKEN.exec(source);
    if (match === null) throw invalid(`unexpected text at position ${position}`);
    const [, word, state, double, single, bare, bracket = ''] = match;
    const alarm = double ?? single ?? bare;
    if (state !== undefined && alarm !== undefined) {
      tokens.push({ kind: 'state', state: state as AlarmStateValue, alarm });
    } else tokens.push({ kind: 'word', text: word ?? bracket });
  }
  return tokens;
};

interface Parser {
  readonly tokens: readonly Token[];
  position: number;
}

const take = (parser: Parser, text: string): boolean => {
  const token = parser.tokens[parser.position];
  if (token?.kind !== 'word' || token.text !== text) return false;
  parser.position += 1;
  return true;
};

const parseOr = (parser: Parser): Holds => {
  let left = parseAnd(parser);
  while (take(parser, 'OR')) {
    const [first, second] = [left, parseAnd(parser)];
    left = (stateOf) => first(stateOf) || second(stateOf);
  }
  return left;
};

const parseAnd = (parser: Parser): Holds => {
  let left = parseNot(parser);
  while (take(parser, 'AND')) {
    const [first, second] = [left, parseNot(parser)];
    left = (stateOf) => first(stateOf) && second(stateOf);
  }
  return left;
};

const parseNot = (parser: Parser): Holds => {
  if (take(parser, 'NOT')) {
    const inner = parseNot(parser);
    return (stateOf) => !inner(stateOf);
  }
  if (take(parser, 'TRUE')) return () => true;
  if (take(parser, 'FALSE')) return () => false;
  if (take(parser, '(')) {
    const inner = parseOr(parser);
    if (!take(parser, ')')) throw invalid('a bracket is not closed');
    return inner;
  }
  const token = parser.tokens[parser.position];
  if (token?.kind !== 'state') throw invalid(`an alarm's state was expected, got ${token?.text ?? 'the end'}`);
  parser.position += 1;
  return (stateOf) => stateOf(token.alarm) === token.state;
};

/** @throws AwsError ValidationError */
export const parseCompositeRule = (rule: string): CompositeRule => {
  const parser: Parser = { tokens: tokenize(rule), position: 0 };
  const holds = parseOr(parser);
  if (parser.position < parser.tokens.length) throw invalid('text follows the rule');
  const alarms = [...new Set(parser.tokens.flatMap((token) => (token.kind === 'state' ? [token.alarm] : [])))];
  if (alarms.length > MAX_ALARMS) throw invalid(`more than ${MAX_ALARMS} alarms`);
  return { alarms, holds };
};
