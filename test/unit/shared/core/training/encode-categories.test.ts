import { describe, expect, it } from 'vitest';
import { encodeCategories, encodeColumn } from '../../../../../shared/core/training/encode-categories.ts';

const column = ['b', 'b', 'a', '', 'b', 'a', 'a', 'new'];
const label = Float64Array.of(1, 1, 0, 1, 1, 1, 0, 1);
const options = { featureIndex: 0, column, label, trainingRowCount: 7, seed: 1 };

describe('encodeCategories', () => {
  it('gives a category the mean of its training labels and ten rows of the prior', () => {
    const { encoder } = encodeCategories(options);

    expect(encoder.prior).toBeCloseTo(4 / 6, 6);
    expect([...encoder.valueByCategory.keys()]).toEqual(['a', 'b']);
    expect(encoder.valueByCategory.get('a')).toBeCloseTo((1 + (10 * 4) / 6) / 13, 6);
    expect(encoder.valueByCategory.get('b')).toBeCloseTo((3 + (10 * 4) / 6) / 13, 6);
  });

  it('encodes a training row without its own label', () => {
    // Two rows of a category only: each is encoded by the other one and the prior, or by the prior alone.
    const pair = { ...options, column: ['x', 'x', 'y', 'y'], label: Float64Array.of(1, 0, 1, 0), trainingRowCount: 4 };

    const { encoder, encoded } = encodeCategories(pair);

    expect(encoder.valueByCategory.get('x')).toBe(0.5);
    for (const [row, value] of encoded.entries()) {
      const other = 1 - (pair.label[row] as number);
      const allowed = [0.5, Math.fround((other + 5) / 11)];
      expect(allowed, `row ${row}`).toContain(value);
    }
    expect(new Set(encoded).size).toBeGreaterThan(1);
  });

  it('encodes later rows and predictions alike: NaN for the empty string, the prior for the unseen', () => {
    const { encoder, encoded } = encodeCategories(options);

    expect(encoded[3]).toBeNaN();
    expect(encoded[7]).toBe(encoder.prior);
    expect([...encodeColumn(encoder, ['a', '', 'A'])]).toEqual([
      encoder.valueByCategory.get('a'),
      Number.NaN,
      encoder.prior,
    ]);
  });

  it('draws other folds from another seed', () => {
    const many = Array.from({ length: 500 }, (_, row) => `c${row % 9}`);
    const labels = Float64Array.from(many, (_, row) => (row * 7) % 3);
    const encodedBy = (seed: number) =>
      encodeCategories({ featureIndex: 0, column: many, label: labels, trainingRowCount: 500, seed }).encoded;

    expect(encodedBy(1)).toEqual(encodedBy(1));
    expect(encodedBy(1)).not.toEqual(encodedBy(2));
  });
});
