import { describe, expect, it } from 'vitest';
import { createByteReader } from '../../../../../shared/core/profiles/byte-reader.ts';
import { createByteWriter } from '../../../../../shared/core/profiles/byte-writer.ts';
import { readQuantiles, writeQuantiles } from '../../../../../shared/core/profiles/encode-sketches.ts';
import {
  createTableProfiler,
  decodeProfile,
  encodeProfile,
  mergeProfiles,
  type TableProfile,
  tableBins,
} from '../../../../../shared/core/profiles/index.ts';
import { binsOf, drawTable } from '../../../../helpers/drawn-table.ts';
import { fc } from '../../../../helpers/properties.ts';

const SHAPE = { rowCount: 1_000, numbers: 40, categories: 10 };
const reference = drawTable({ ...SHAPE, rowCount: 3_000 }, { seed: 1 });
const bins = binsOf(reference);
const KEEP = { sketchSize: 4_096 };

const profileOf = (seed: number, rowCount: number = SHAPE.rowCount, sketchSize = 256): TableProfile => {
  const profiler = createTableProfiler(bins, { sketchSize });
  profiler.foldColumns(drawTable({ ...SHAPE, rowCount }, { seed, shift: 0.1 }).columns, rowCount);
  return profiler.profile();
};

describe('an encoded profile', () => {
  it.each([
    ['whole numbers', [-7, -7, 0, 2 ** 50], 12],
    ['decimals', [-0.07, 0.1, 0.3, 12.34, 99.99], 10],
    ['floats', [Math.fround(0.1), Math.fround(1 / 3), 1.5], 14],
    ['doubles', [0.1, 1 / 3, Math.PI], 26],
  ])('keeps %s exactly, in few bytes', (_, values, size) => {
    const writer = createByteWriter();
    const level = Float64Array.from(values);

    writeQuantiles(writer, { size: 8, count: level.length, levels: [level], owed: [0], maxError: 0, errorSquares: 0 });

    const bytes = writer.bytes();
    expect(readQuantiles(createByteReader(bytes)).levels).toEqual([level]);
    // Size, errors and number of levels take 11 bytes, the level's debt, length and form 3.
    expect(bytes.length - 14).toBeLessThanOrEqual(size);
  });

  it('comes back as it was', () => {
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom(0, 1, 60, 2_000), (seed, rowCount) => {
        const profile = profileOf(seed, rowCount);
        const decoded = decodeProfile(encodeProfile(profile, KEEP), bins);
        expect(mergeProfiles(bins, [decoded])).toEqual(mergeProfiles(bins, [profile]));
        if (rowCount > 1) expect(decoded).toEqual(profile);
      }),
      { numRuns: 8 },
    );
  });

  it('keeps signs, fractions, texts and strange columns', () => {
    const odd = tableBins([
      { name: 'n', type: 'number', edges: [] },
      { name: 'c', type: 'category', categories: ['a'] },
    ]);
    const profiler = createTableProfiler(odd);
    profiler.foldColumns(
      new Map<string, Float64Array | readonly string[]>([
        ['n', Float64Array.of(-3, -2.5, 0.1, 2 ** 52, -(2 ** 60))],
        ['c', ['é', 'a', '日本', 'b', 'b']],
        ['x', ['', '', '', '', '']],
      ]),
      5,
    );

    expect(decodeProfile(encodeProfile(profiler.profile(), KEEP), odd)).toEqual(profiler.profile());
  });

  it('of 50 features takes some 20 kB for an hour of 1,000 rows', () => {
    const bytes = encodeProfile(profileOf(2));

    expect(bytes.length).toBeGreaterThan(8_000);
    expect(bytes.length).toBeLessThan(29_000);
  });

  it('is refused when it is cut, prolonged, altered, of another version or by other bins', () => {
    const bytes = encodeProfile(profileOf(3, 60));
    const changed = (at: number, to: number): Uint8Array => bytes.map((byte, i) => (i === at ? to : byte));

    for (const length of [0, 2, 20, 500, bytes.length - 1]) {
      expect(() => decodeProfile(bytes.subarray(0, length), bins)).toThrow('a profile');
    }
    expect(() => decodeProfile(Uint8Array.of(...bytes, 0), bins)).toThrow('1 bytes more');
    expect(() => decodeProfile(changed(0, 7), bins)).toThrow('begin with');
    expect(() => decodeProfile(changed(2, 9), bins)).toThrow('of version 1, got 9');
    expect(() => decodeProfile(bytes, tableBins([]))).toThrow('counted by bins');
  });

  it('never makes anything but an error of other bytes', () => {
    const bytes = encodeProfile(profileOf(4, 40));
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, to) => {
        const other = bytes.map((byte, i) => (i === at ? to : byte));
        try {
          mergeProfiles(bins, [decodeProfile(other, bins)]);
        } catch (error) {
          expect(error).toMatchObject({ name: 'InvalidRequestError' });
        }
      }),
    );
  });
});
