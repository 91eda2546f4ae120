import { describe, expect, it } from 'vitest';
import { type FieldValue, matcherOf, parseRunFilter } from '../../../../../../shared/core/tracking/index.ts';

/** Whether an entity with this one value satisfies a clause on it. */
const matches = (value: FieldValue, clause: string): boolean =>
  matcherOf<null>(parseRunFilter(clause), () => value)(null);

describe('matching a clause', () => {
  it.each([
    [1, 'metrics.a = 1', true],
    [1, 'metrics.a != 1', false],
    [2, 'metrics.a > 1', true],
    [1, 'metrics.a > 1', false],
    [1, 'metrics.a >= 1', true],
    [0, 'metrics.a < 1', true],
    [1, 'metrics.a < 1', false],
    [1, 'metrics.a <= 1', true],
    ['x', "params.a = 'x'", true],
    ['X', "params.a = 'x'", false],
    ['y', "params.a != 'x'", true],
    ['xy', "params.a LIKE 'x%'", true],
    ['XY', "params.a LIKE 'x%'", false],
    ['XY', "params.a ILIKE 'x%'", true],
    ['x', "run_id IN ('x', 'y')", true],
    ['z', "run_id IN ('x', 'y')", false],
    ['z', "run_id NOT IN ('x', 'y')", true],
    ['x', "run_id NOT IN ('x', 'y')", false],
  ])('%j satisfies %s: %s', (value, clause, expected) => {
    expect(matches(value, clause)).toBe(expected);
  });

  it.each(['=', '!=', '>', '>=', '<', '<='])('neither NaN nor nothing satisfies %s', (comparator) => {
    expect(matches(Number.NaN, `metrics.a ${comparator} 1`)).toBe(false);
    expect(matches(undefined, `metrics.a ${comparator} 1`)).toBe(false);
  });

  it('takes one of several values', () => {
    expect(matches(['a', 'b'], "dataset.name = 'b'")).toBe(true);
    expect(matches(['a', 'b'], "dataset.name != 'b'")).toBe(true);
    expect(matches([], "dataset.name != 'b'")).toBe(false);
  });

  it('matches no value with a list of which every value was dropped', () => {
    expect(matches('ABC', "run_id IN ('ABC')")).toBe(false);
  });
});
