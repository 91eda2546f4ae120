import * as v from 'valibot';
import { shorten, showValue } from '../kernel/show-value.ts';

const LONGEST_MESSAGE = 400;
const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  boolean: 'true or false',
  Array: 'a list',
  Object: 'an object',
};
const BOUNDS: readonly (readonly [sign: string, words: string])[] = [
  ['>=', 'at least '],
  ['<=', 'at most '],
  ['>', 'greater than '],
  ['<', 'less than '],
];

const boundOf = (expected: string): string => {
  const [sign = '', words = ''] = BOUNDS.find(([mark]) => expected.startsWith(mark)) ?? [];
  return `${words}${expected.slice(sign.length)}`;
};

/** What Valibot's own `Invalid …: Expected … but received …` allows, in words. */
const allowedBy = ({ type, expected }: v.BaseIssue<unknown>): string => {
  if (type === 'integer') return 'be a whole number';
  const bound = boundOf((expected ?? 'something else').replace(/^\((.*)\)$/, 'one of $1'));
  return type.endsWith('_length') ? `have a length of ${bound}` : `be ${KINDS[bound] ?? bound}`;
};

/**
 * One issue as `<field> <what is allowed>, got <value>`.
 * @param whole the field's name when the issue is of the whole value.
 */
export const describeIssue = (issue: v.BaseIssue<unknown>, whole: string): string => {
  const { message, type, input, received } = issue;
  const field = v.getDotPath(issue) ?? whole;
  // The path of an unknown key ends in that key, which its message names.
  if (message.startsWith('unknown key ')) {
    const owner = field.split('.').slice(0, -1).join('.');
    return shorten(owner === '' ? message : `${owner}: ${message}`, LONGEST_MESSAGE);
  }
  // Of a key that an open object lacks, Valibot expects its name as a value.
  if (message.startsWith('Invalid key: ') && received === 'undefined') return `${field} is missing`;
  const text = /^Invalid [a-z ]+: /.test(message) ? `must ${allowedBy(issue)}` : message;
  if (text === 'is missing') return `${field} ${text}`;
  const got = type.endsWith('_length') ? received : showValue(input);
  const told = `${field} ${shorten(text, LONGEST_MESSAGE)}`;
  return type === 'check' && got === 'an object' ? told : `${told}, got ${got}`;
};
