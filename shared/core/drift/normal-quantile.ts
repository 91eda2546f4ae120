const A = [
  -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2, -3.066479806614716e1,
  2.506628277459239,
] as const;
const B = [
  -5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1, -1.328068155288572e1, 1,
] as const;
const C = [
  -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734, 4.374664141464968,
  2.938163982698783,
] as const;
const D = [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416, 1] as const;

const LOW = 0.02425;

const polynomial = (coefficients: readonly number[], x: number): number =>
  coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);

/**
 * The standard normal's quantile, by Acklam's rational approximation: 1.2e-9 relative.
 * @param probability in (0, 1).
 */
export const normalQuantile = (probability: number): number => {
  if (probability > 1 - LOW) return -normalQuantile(1 - probability);
  if (probability < LOW) {
    const root = Math.sqrt(-2 * Math.log(probability));
    return polynomial(C, root) / polynomial(D, root);
  }
  const centred = probability - 0.5;
  const square = centred * centred;
  return (polynomial(A, square) * centred) / polynomial(B, square);
};
