import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { RUBRIC, requireItem } from '../../../../../shared/core/ml-test-score/rubric.ts';

const README = readFileSync(new URL('../../../../../shared/core/ml-test-score/README.md', import.meta.url), 'utf8');

it('has the 28 tests of the paper, seven a section, each with an id of its own', () => {
  const items = RUBRIC.flatMap((section) => section.items);

  expect(RUBRIC.map((section) => section.items.length)).toEqual([7, 7, 7, 7]);
  expect(items.map(({ item }) => item)).toEqual(
    RUBRIC.flatMap(({ section }) => [1, 2, 3, 4, 5, 6, 7].map((number) => `${section}-${number}`)),
  );
});

it.each(RUBRIC.flatMap((section) => section.items))('says in its README what $item asks for', (one) => {
  expect(README).toContain(`| ${one.item} | ${one.title} | ${one.halfPoint} | ${one.wholePoint} |`);
});

it('refuses an item that it has not', () => {
  expect(() => requireItem('data-8')).toThrow('the ML Test Score has no item "data-8"; its items: data-1 to data-7');
  expect(requireItem('monitoring-7').section).toBe('monitoring');
});
