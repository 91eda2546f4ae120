import { expect, it } from 'vitest';
import { openShadowSample } from '../../../../../shared/core/deployment/index.ts';

const ids = Array.from({ length: 5_000 }, (_, i) => `flight-${i}`);
const sampleOf = (some: readonly string[], most: number) => {
  const sample = openShadowSample<string>(most);
  for (const id of some) sample.set(id, id);
  return sample;
};

it('a sample keeps every value while they fit', () => {
  const sample = sampleOf(ids, 5_000);

  expect(sample.size).toBe(5_000);
  expect(sample.get('flight-17')).toBe('flight-17');
});

it('a sample drops every second id by its hash, the same whatever their order', () => {
  const sample = sampleOf(ids, 1_000);
  const reversed = sampleOf(ids.toReversed(), 1_000);

  expect(sample.size).toBeLessThanOrEqual(1_000);
  expect(sample.size).toBeGreaterThan(450);
  expect([...sample.values()].toSorted()).toEqual([...reversed.values()].toSorted());
  expect(ids.filter((id) => sample.takes(id))).toHaveLength(sample.size);
});
