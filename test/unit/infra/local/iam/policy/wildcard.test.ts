import { expect, it } from 'vitest';
import { compileArnPattern, compileWildcard } from '../../../../../../infra/local/iam/policy/wildcard.ts';

/** As a policy writes a character that is no wildcard. */
const literal = (character: string): string => `$\{${character}}`;

it.each([
  ['*', 'anything:at/all', true],
  ['arn:aws:s3:::b/*', 'arn:aws:s3:::b/a/deep/key', true],
  ['arn:aws:s3:::b/*', 'arn:aws:s3:::b', false],
  ['a?c', 'abc', true],
  ['a?c', 'ac', false],
  ['a.c', 'abc', false],
  [literal('*'), '*', true],
  [literal('*'), 'x', false],
  [`a${literal('$')}b`, 'a$b', true],
])('%s against %s', (pattern, text, expected) => {
  expect(compileWildcard(pattern)(text)).toBe(expected);
});

it('keeps a wildcard within its part of an ARN, but in the last', () => {
  const test = compileArnPattern('arn:aws:sns:*:123456789012:a*');

  expect(test('arn:aws:sns:us-east-1:123456789012:alarms:sub')).toBe(true);
  expect(test('arn:aws:sns:us-east-1:x:123456789012:alarms')).toBe(false);
});
