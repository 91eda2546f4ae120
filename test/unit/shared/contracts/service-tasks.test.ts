import { expect, it } from 'vitest';
import { isScaled, readTasksLabel, tasksLabel } from '../../../../shared/contracts/service-tasks.ts';

it.each([
  ['2', { min: 2, max: 2 }],
  ['2-10', { min: 2, max: 10 }],
])('the label %s says how many tasks a slot runs', (label, range) => {
  expect(tasksLabel(range)).toBe(label);
  expect(readTasksLabel(label)).toEqual(range);
  expect(isScaled(range)).toBe(label.includes('-'));
});

it('a definition without the label runs none, and one with another text is a mistake', () => {
  expect(readTasksLabel(undefined)).toEqual({ min: 0, max: 0 });
  expect(() => readTasksLabel('many')).toThrow('is a number or a range, got many');
});
