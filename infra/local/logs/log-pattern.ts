import { AwsError } from '../contracts.ts';
import { parseJsonPattern } from './json-pattern.ts';

/** CloudWatch Logs' filter patterns: JSON patterns `{ $.a = 1 }` and terms (`ERROR -"time out" ?one ?other`). */
export type LogTest = (message: string) => boolean;

export const parseJsonLine = (message: string): unknown => {
  if (!message.startsWith('{')) return undefined;
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
};

const TERM = /([-?]?)(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))/y;

const parseTerms = (pattern: string): LogTest => {
  const required: string[] = [];
  const excluded: string[] = [];
  const optional: string[] = [];
  const source = pattern.trim();
  let position = 0;
  while (position < source.length) {
    TERM.lastIndex = position;
    const match = TERM.exec(source);
    if (match === null) throw new AwsError('InvalidParameterException', `Invalid filter pattern: ${pattern}`);
    const term = match[2]?.replaceAll(/\\(.)/g, '$1') ?? match[3] ?? '';
    const into = match[1] === '-' ? excluded : match[1] === '?' ? optional : required;
    into.push(term);
    position = TERM.lastIndex + (/^\s*/.exec(source.slice(TERM.lastIndex))?.[0].length ?? 0);
  }
  return (message) =>
    required.every((term) => message.includes(term)) &&
    !excluded.some((term) => message.includes(term)) &&
    (optional.length === 0 || optional.some((term) => message.includes(term)));
};

/** @throws AwsError InvalidParameterException */
export const parseLogPattern = (pattern: string): LogTest => {
  const text = pattern.trim();
  if (text === '') return () => true;
  if (text.startsWith('[') || text.startsWith('%')) {
    throw new AwsError(
      'InvalidParameterException',
      `filter pattern ${text} is not supported here: terms and JSON patterns are`,
    );
  }
  if (!text.startsWith('{')) return parseTerms(text);
  const test = parseJsonPattern(text);
  return (message) => {
    const line = parseJsonLine(message);
    return line !== undefined && test(line);
  };
};
