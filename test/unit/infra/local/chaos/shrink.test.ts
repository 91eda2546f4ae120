import { describe, expect, it } from 'vitest';
import { shrink } from '../../../../../infra/local/chaos/shrink.ts';
import { fc } from '../../../../helpers/properties.ts';

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);

describe('shrinking a failing list', () => {
  it('leaves exactly the elements that fail together, in their order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 24 }),
        fc.uniqueArray(fc.integer({ min: 0, max: 23 }), { minLength: 1, maxLength: 4 }),
        async (count, guilty) => {
          const wanted = guilty.filter((one) => one < count).toSorted((a, b) => a - b);
          if (wanted.length === 0) return;

          const smallest = await shrink(numbers(count), async (part) => wanted.every((one) => part.includes(one)), {
            mostTries: 10_000,
          });

          expect(smallest).toEqual(wanted);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('leaves nothing where even nothing fails', async () => {
    expect(await shrink(numbers(9), async () => true)).toEqual([]);
  });

  it('finds one of several failures that no element can be left out of', async () => {
    const fails = async (part: readonly number[]) => part.includes(3) || (part.includes(5) && part.includes(6));

    const smallest = await shrink(numbers(10), fails);

    expect(await fails(smallest)).toBe(true);
    for (const left of smallest) expect(await fails(smallest.filter((one) => one !== left))).toBe(false);
  });

  it('stops after so many tries with what it has, and tells of each smaller list', async () => {
    const seen: number[] = [];
    let asked = 0;

    const smallest = await shrink(
      numbers(16),
      async (part) => {
        asked += 1;
        return part.includes(15);
      },
      { mostTries: 4, onSmaller: (part) => seen.push(part.length) },
    );

    expect(asked).toBe(4);
    expect(smallest).toContain(15);
    expect(seen.at(-1)).toBe(smallest.length);
  });
});
