import { describe, expect, it } from 'vitest';
import { defaultChangedAbove, medianOf, pairsOf, replayParts } from '../../../../../shared/core/deployment/index.ts';

const rows = [{ kind: 'a' }, { kind: 'b' }, { kind: 'a' }, { kind: 'b' }];

describe('the differences between two versions on captured inputs', () => {
  it('are those of the rows that both scored, over all and by slice', () => {
    const pairs = pairsOf(rows, [0.5, 0.9, 0.1, 'failed'], [0.4, 0.5, 0.5, 0.5]);

    const parts = replayParts(
      pairs,
      [
        { name: 'of-b', where: { feature: 'kind', equals: 'b' } },
        { name: 'of-c', where: { feature: 'kind', equals: 'c' } },
      ],
      0.2,
    );

    expect(parts).toMatchObject([
      { slice: 'all', rowCount: 3, changedShare: 2 / 3, largestDifference: 0.4 },
      { slice: 'of-b', rowCount: 1, changedShare: 1, meanDifference: 0.4 },
    ]);
    expect(parts[0]?.meanDifference).toBeCloseTo(0.1 / 3, 12);
  });

  it('of nothing that both scored are none', () => {
    expect(replayParts(pairsOf(rows, ['failed', 1, 1, 1], [0.1, 'failed']), [], 0.1)).toEqual([]);
  });

  it('count from 0.1 of a probability on, and from a tenth of a regression’s spread on', () => {
    expect(defaultChangedAbove('binary-classification', [1, 100])).toBe(0.1);
    expect(defaultChangedAbove('regression', [10, 'failed', 30])).toBeCloseTo(Math.SQRT2, 12);
    expect(defaultChangedAbove('regression', [])).toBe(0);
  });
});

it.each([
  [[3], 3],
  [[4, 1], 2.5],
  [[9, 1, 5], 5],
])('the median of %j is %d', (values, expected) => {
  expect(medianOf(values)).toBe(expected);
});
