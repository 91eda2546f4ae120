import { describe, expect, it } from 'vitest';
import { compareSimpler } from '../../../../functions/evaluate-model/compare-simpler.ts';
import { DAY_MS } from '../../../../shared/kernel/time.ts';
import { benchDefinition } from '../../../helpers/training-bench.ts';

const { task, features } = benchDefinition();
const DAYS = 4;
const ROWS = 400;

/** What comes true of `chance`, the same each time. */
const tableOf = (chance: (x: number) => number, shift: number) => {
  const x = Float64Array.from({ length: ROWS }, (_, row) => ((row * 37 + shift) % 100) / 100);
  const coin = (row: number): number => (((row + shift) * 7_919) % 101) / 101;
  return {
    rowCount: ROWS,
    eventAtMs: Float64Array.from({ length: ROWS }, (_, row) => Math.floor((row * DAYS) / ROWS) * DAY_MS),
    labels: Float64Array.from(x, (value, row) => Number(coin(row) < chance(value))),
    columns: new Map<string, Float64Array | readonly string[]>([
      ['x', x],
      ['kind', Array.from({ length: ROWS }, () => 'a')],
    ]),
  };
};

/** More steps than eight leaves have. */
const jagged = (x: number): number => (Math.floor(x * 32) % 2 === 0 ? 0.02 : 0.98);
const smooth = (x: number): number => (x > 0.5 ? 0.9 : 0.1);
const chances = (table: ReturnType<typeof tableOf>, chance: (x: number) => number): Float64Array =>
  (table.columns.get('x') as Float64Array).map(chance);

describe('a simpler model', () => {
  it('is found worse, with its interval by days, than a candidate that knows what it cannot', () => {
    const [training, holdout] = [tableOf(jagged, 0), tableOf(jagged, 3)];

    const found = compareSimpler({ task, features, training, holdout, candidate: chances(holdout, jagged) });

    expect(found.what).toBe('one tree of 8 leaves');
    expect(found.lossAboveCandidate.lower).toBeGreaterThan(0.1);
    expect(found.loss).toBeGreaterThan(0.3);
  });

  it('is not found worse than a candidate that only knows as much', () => {
    const [training, holdout] = [tableOf(smooth, 0), tableOf(smooth, 3)];

    const found = compareSimpler({ task, features, training, holdout, candidate: chances(holdout, smooth) });

    expect(found.lossAboveCandidate.lower).toBeLessThanOrEqual(0);
    expect(Math.abs(found.lossAboveCandidate.mean)).toBeLessThan(0.05);
  });

  it('has no interval where the holdout is one day', () => {
    const training = tableOf(smooth, 0);
    const holdout = { ...tableOf(smooth, 3), eventAtMs: new Float64Array(ROWS) };

    const found = compareSimpler({ task, features, training, holdout, candidate: chances(holdout, smooth) });

    expect(found.lossAboveCandidate).toEqual({ mean: expect.any(Number) });
  });
});
