import { describe, expect, it } from 'vitest';
import { addHitters, HITTERS, mergeHitters, NO_HITTERS } from '../../../../../shared/core/profiles/heavy-hitters.ts';
import { fc } from '../../../../helpers/properties.ts';

const counts = fc.array(fc.tuple(fc.integer({ min: 0, max: 60 }).map(String), fc.integer({ min: 1, max: 100 })), {
  maxLength: 60,
});

type Counts = readonly (readonly [string, number])[];

const expectBounds = (hitters: ReturnType<typeof addHitters>, all: Counts): void => {
  const total = all.reduce((sum, [, count]) => sum + count, 0);
  expect(hitters.total).toBe(total);
  expect(hitters.maxError).toBeLessThanOrEqual(total / (HITTERS + 1));
  for (const value of new Set(all.map(([text]) => text))) {
    const truth = all.filter(([text]) => text === value).reduce((sum, [, count]) => sum + count, 0);
    const found = hitters.entries.find((entry) => entry.value === value)?.count ?? 0;
    expect(found).toBeLessThanOrEqual(truth);
    expect(found + hitters.maxError).toBeGreaterThanOrEqual(truth);
  }
};

describe('heavy hitters', () => {
  it('know every count within their error, and merge so in either order', () => {
    fc.assert(
      fc.property(counts, counts, (a, b) => {
        const [left, right] = [addHitters(NO_HITTERS, a), addHitters(NO_HITTERS, b)];

        expectBounds(left, a);
        expectBounds(mergeHitters(left, right), [...a, ...b]);
        expect(mergeHitters(right, left)).toEqual(mergeHitters(left, right));
      }),
    );
  });

  it('take what they drop from the others too, so that errors do not pile up', () => {
    const first = Array.from({ length: 17 }, (_, i) => [`text-${i}`, 100] as const);

    const hitters = addHitters(addHitters(NO_HITTERS, first), [['late', 100]]);

    expectBounds(hitters, [...first, ['late', 100]]);
  });

  it('are exact while they are few, most frequent first and ties by text', () => {
    expect(
      addHitters(NO_HITTERS, [
        ['b', 2],
        ['a', 2],
        ['c', 9],
      ]),
    ).toEqual({
      total: 13,
      maxError: 0,
      entries: [
        { value: 'c', count: 9 },
        { value: 'a', count: 2 },
        { value: 'b', count: 2 },
      ],
    });
  });

  it('keep the beginning of a long text', () => {
    const { entries } = addHitters(NO_HITTERS, [['x'.repeat(900), 1]]);

    expect(entries[0]?.value).toBe(`${'x'.repeat(63)}…`);
  });
});
