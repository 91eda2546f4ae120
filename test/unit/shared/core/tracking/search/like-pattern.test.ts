import { describe, expect, it } from 'vitest';
import { likePattern } from '../../../../../../shared/core/tracking/search/like-pattern.ts';
import { fc } from '../../../../../helpers/properties.ts';

const matches = (text: string, pattern: string, ignoreCase = false): boolean =>
  likePattern(pattern, { ignoreCase })(text);

describe('LIKE', () => {
  it.each([
    ['abc', 'abc', true],
    ['abc', 'ab', false],
    ['abc', 'a%', true],
    ['abc', '%c', true],
    ['abc', '%b%', true],
    ['abc', '%d%', false],
    ['abc', 'a_c', true],
    ['abc', 'a__c', false],
    ['abc', '%', true],
    ['', '%', true],
    ['', '_', false],
    ['', '', true],
    ['aa', 'a%a', true],
    ['a', 'a%a', false],
    ['abab', '%ab', true],
    ['a\nb', 'a%b', true],
    ['a\nb', 'a_b', true],
    ['\u{1f600}', '_', true],
    ['a.c', 'a.c', true],
    ['abc', 'a.c', false],
    ['ABC', 'abc', false],
  ])('%j like %j is %s', (text, pattern, expected) => {
    expect(matches(text, pattern)).toBe(expected);
  });

  it('ignores case as ILIKE alone', () => {
    expect(matches('ÄbC', 'äB%', true)).toBe(true);
    expect(matches('ÄbC', 'äB%')).toBe(false);
  });

  it('is what a regular expression would say', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '%', '_'), maxLength: 8 });
    fc.assert(
      fc.property(letters, letters, (text, pattern) => {
        const expression = new RegExp(`^${pattern.replaceAll('%', '.*').replaceAll('_', '.')}$`);
        expect(matches(text, pattern)).toBe(expression.test(text));
      }),
      { numRuns: 2_000 },
    );
  });

  it('takes no exponential time for many wildcards', () => {
    const started = performance.now();

    expect(matches('a'.repeat(8_000), `${'%a'.repeat(900)}%b%`)).toBe(false);
    expect(matches('a'.repeat(8_000), `${'%a_'.repeat(600)}%b`)).toBe(false);

    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
