import { describe, expect, it } from 'vitest';
import { angleAt, angleOf } from '../../../../../shared/core/drift/angle.ts';
import { fc } from '../../../../helpers/properties.ts';

describe('the angle of a share', () => {
  it('is 0 or π at the ends but for the correction, and Cohen’s angle on many rows', () => {
    expect(angleOf(25e6, 1e8)).toBeCloseTo(2 * Math.asin(Math.sqrt(0.25)), 6);
    expect(angleOf(0, 1e8)).toBeCloseTo(0, 3);
    expect(angleOf(1e8, 1e8)).toBeCloseTo(Math.PI, 3);
  });

  it('is on the same number of rows what it was', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (rows, share) => {
        const angle = angleOf(Math.floor(share * rows), rows);
        expect(angleAt(angle, rows, rows)).toBeCloseTo(angle, 9);
      }),
    );
  });

  it('is expected to be as near 0 on a day of many rows as a kind that never came would be', () => {
    expect(angleAt(angleOf(0, 50), 50, 5_000)).toBeCloseTo(angleOf(0, 5_000), 9);
    expect(angleAt(angleOf(5, 50), 50, 5_000)).toBeCloseTo(angleOf(500, 5_000), 9);
  });
});
