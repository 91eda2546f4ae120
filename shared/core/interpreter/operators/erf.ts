/**
 * The error function, by its Taylor series near 0 and by the continued fraction of its complement elsewhere: both
 * converge to about 1e-15 (https://dlmf.nist.gov/7.6, https://dlmf.nist.gov/7.9).
 */

const SERIES_END = 2.5;
const ALMOST_ONE = 6;

const series = (x: number): number => {
  let term = x;
  let sum = x;
  for (let n = 1; n < 60; n++) {
    term *= (-x * x) / n;
    const added = term / (2 * n + 1);
    sum += added;
    if (Math.abs(added) < 1e-17 * Math.abs(sum)) break;
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
};

/** erfc of a positive number: exp(-x²) / (x + (1/2)/(x + 1/(x + (3/2)/(x + …)))) / √π. */
const complement = (x: number): number => {
  let fraction = x;
  for (let n = 60; n > 0; n--) fraction = x + n / 2 / fraction;
  return Math.exp(-x * x) / (fraction * Math.sqrt(Math.PI));
};

export const erf = (x: number): number => {
  const size = Math.abs(x);
  if (size < SERIES_END || Number.isNaN(x)) return series(x);
  const value = size > ALMOST_ONE ? 1 : 1 - complement(size);
  return x < 0 ? -value : value;
};
