import { describe, expect, it } from 'vitest';
import { showValue } from '../../../../shared/kernel/show-value.ts';

describe('a value in a message', () => {
  it.each([
    [undefined, 'nothing'],
    [null, 'null'],
    ['', '""'],
    ['1', '"1"'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [[0.5, 'a', null], '[0.5, "a", null]'],
    [[], '[]'],
    [[[1]], 'a list'],
    [Array(7).fill(0), 'a list'],
    [{ toString: 1 }, 'an object'],
  ])('%j is told as %s', (value, text) => {
    expect(showValue(value)).toBe(text);
  });

  it('stays short and is never followed into its depth', () => {
    expect(showValue('a'.repeat(1_000))).toHaveLength(63);
    expect(showValue(JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)))).toBe('a list');
  });
});
