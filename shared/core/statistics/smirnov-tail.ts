const LOG_2_PI = Math.log(2 * Math.PI);

/** ln n! − ln(√(2πn) · (n/e)ⁿ): Stirling's series, and exact sums below 16. */
const stirlingError = (n: number): number => {
  if (n < 16) {
    let logFactorial = 0;
    for (let i = 2; i <= n; i += 1) logFactorial += Math.log(i);
    return logFactorial - (n + 0.5) * Math.log(n) + n - 0.5 * LOG_2_PI;
  }
  const square = n * n;
  return (1 / 12 - (1 / 360 - (1 / 1260 - 1 / 1680 / square) / square) / square) / n;
};

/** x·ln(x/mean) + mean − x without the loss of digits near x = mean. */
const deviance = (x: number, mean: number): number => {
  const ratio = (x - mean) / mean;
  if (Math.abs(ratio) > 0.1) return x * Math.log(x / mean) + mean - x;
  // (1 + r)·ln(1 + r) − r = Σ (−r)^k / (k(k − 1)), k ≥ 2
  let sum = 0;
  let power = -ratio;
  for (let k = 2; k <= 18; k += 1) {
    power *= -ratio;
    sum += power / (k * (k - 1));
  }
  return mean * sum;
};

/** C(n, k)·pᵏ·(1 − p)ⁿ⁻ᵏ with k = n·p − shift (C. Loader 2000, "Fast and accurate computation of binomial probabilities"). */
const binomialTerm = (n: number, k: number, p: number): number => {
  if (k === 0) return Math.exp(n * Math.log1p(-p));
  if (k === n) return p ** n;
  const log =
    stirlingError(n) - stirlingError(k) - stirlingError(n - k) - deviance(k, n * p) - deviance(n - k, n * (1 - p));
  return Math.exp(log) * Math.sqrt(n / (2 * Math.PI * k * (n - k)));
};

/** Up to this many terms are all summed; of more, every s-th. */
const ALL_TERMS = 4_096;

/**
 * P(Dn⁺ ≥ x): the tail of the one-sided Kolmogorov distance of n rows, by Smirnov's sum
 * x · Σ C(n, j) (x + j/n)^(j − 1) (1 − x − j/n)^(n − j), j = 0 … ⌊n(1 − x)⌋ (Birnbaum & Tingey 1951).
 *
 * Of many terms every s-th is summed, times s. They are a smooth bell that vanishes at both ends when n·x² ≥ 2, so by
 * Poisson's summation formula what is left out falls exponentially in the number of terms kept: below 1e-10 here.
 */
export const smirnovTail = (n: number, x: number): number => {
  const last = Math.floor(n * (1 - x));
  const stride = n > ALL_TERMS && n * x * x >= 2 ? Math.floor(n / (ALL_TERMS / 2)) : 1;
  let sum = 0;
  for (let j = 0; j <= last; j += stride) {
    const p = x + j / n;
    if (p < 1) sum += binomialTerm(n, j, p) / p;
    else sum += 1;
  }
  return Math.min(1, x * sum * stride);
};
