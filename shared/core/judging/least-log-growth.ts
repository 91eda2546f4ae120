/** Outcomes in [0, 1] by their count, sum and sum of squares. */
export type Totals = readonly [count: number, sum: number, squares: number];

/**
 * The least Σ ln(1 + a + b·xᵢ) over all outcomes in [0, 1] that have these totals, for a bet that cannot lose all. The
 * third derivative of the summand has the sign of b, so the least is that of a lower principal representation (atoms at
 * 0 and at squares / sum) for b > 0, and of an upper one (an atom at 1) for b < 0: Karlin & Studden, Tchebycheff Systems
 * (1966), chapter III. For outcomes of 0 and 1 it is the sum itself, and what order the outcomes came in does not matter.
 */
export const leastLogGrowth = ([count, sum, squares]: Totals, a: number, b: number): number => {
  if (sum <= 0) return count * Math.log1p(a);
  if (b >= 0) {
    // Squares too small for a number: outcomes of 0 and 1 have the least growth of all.
    const inner = squares > 0 ? Math.min(1, squares / sum) : 1;
    const away = Math.min(count, sum / inner);
    return (count - away) * Math.log1p(a) + away * Math.log1p(a + b * inner);
  }
  const spread = count - 2 * sum + squares;
  if (spread <= 1e-12 * count) return count * Math.log1p(a + b);
  const ones = Math.min(count, Math.max(0, (count * squares - sum * sum) / spread));
  const inner = Math.max(0, (sum - squares) / (count - sum));
  return (count - ones) * Math.log1p(a + b * inner) + ones * Math.log1p(a + b);
};
