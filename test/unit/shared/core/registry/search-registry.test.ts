import { expect, it } from 'vitest';
import { nameClauses, promptSearch } from '../../../../../shared/core/registry/index.ts';
import { parseRegisteredModelFilter } from '../../../../../shared/core/tracking/index.ts';

const TAG = 'tags.`mlflow.prompt.is_prompt`';
const searchOf = (text: string) => promptSearch(parseRegisteredModelFilter(text));

it.each([
  [`${TAG} = 'true'`, true, 1],
  [`${TAG} != 'FALSE'`, true, 1],
  [`${TAG} = 'false'`, false, 0],
  [`${TAG} != 'true' AND name = 'x'`, false, 1],
  [`${TAG} LIKE 'true'`, false, 0],
  ["name = 'x'", false, 1],
  ['', false, 0],
])('of %s', (text, wantsPrompts, clauses) => {
  const search = searchOf(text);

  expect([search.wantsPrompts, search.filter.length]).toEqual([wantsPrompts, clauses]);
});

it('narrows the models by what is said of their name', () => {
  expect(nameClauses(parseRegisteredModelFilter("name LIKE 'a%' AND tags.name = 'b'"))).toHaveLength(1);
});
