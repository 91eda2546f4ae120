import { describe, expect, it } from 'vitest';
import { distributions } from '../../../../../shared/core/pages/distributions.ts';
import { fc } from '../../../../helpers/properties.ts';

const TEXTS = { reference: 'the rows learnt from', current: 'the window' };
const counts = (length: number) => fc.array(fc.nat(1_000), { minLength: length, maxLength: length });
const columnOf = (labels: readonly string[], reference: readonly number[], current: readonly number[]) => ({
  name: 'wind',
  labels,
  reference,
  current,
  notes: [],
});

describe('distributions', () => {
  it('are shares of each side’s own rows', () => {
    const [feature] = distributions([columnOf(['to 1', 'above 1'], [1, 3], [6, 2])], TEXTS).features;

    expect(feature?.bins).toEqual([
      { label: 'to 1', reference: 0.25, current: 0.75 },
      { label: 'above 1', reference: 0.75, current: 0.25 },
    ]);
  });

  it('of many bins keep those that moved most in their order, and all shares', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 51 }).chain((length) => fc.tuple(counts(length), counts(length))),
        ([reference, current]) => {
          const labels = reference.map((_, at) => `bin ${at}`);
          const [feature] = distributions([columnOf(labels, reference, current)], TEXTS).features;
          const { bins = [] } = feature ?? {};

          expect(bins.length).toBe(Math.min(16, reference.length));
          for (const [side, all] of [
            ['reference', reference],
            ['current', current],
          ] as const) {
            const sum = bins.reduce((total, bin) => total + bin[side], 0);
            expect(sum).toBeCloseTo(all.some((count) => count > 0) ? 1 : 0, 9);
          }
          const kept = bins.map(({ label }) => labels.indexOf(label)).filter((at) => at >= 0);
          expect(kept).toEqual(kept.toSorted((a, b) => a - b));
        },
      ),
    );
  });

  it('stand in the order of their distance, what drifted before all else', () => {
    const column = (name: string, value: number, stands: boolean) => ({
      ...columnOf(['all'], [1], [1]),
      name,
      distance: { measure: 'PSI', value, stands },
    });
    const nothing = { ...columnOf(['all'], [1], [1]), name: 'not-compared' };

    const { features } = distributions(
      [nothing, column('near', 0.01, false), column('far', 0.5, false), column('drifted', 0.3, true)],
      TEXTS,
    );

    expect(features.map(({ name }) => name)).toEqual(['drifted', 'far', 'near', 'not-compared']);
  });
});
