/** Draws of a count, from a generator of integers in [0, 2^32). */
type Next = () => number;

export const fractionOf = (next: Next): number => next() / 2 ** 32;

/** A binomial count by inversion, for a mean of up to a few hundred. */
export const drawBinomial = (next: Next, count: number, probability: number): number => {
  if (count === 0 || probability <= 0) return 0;
  if (probability > 0.5) return count - drawBinomial(next, count, 1 - probability);
  const odds = probability / (1 - probability);
  let term = (1 - probability) ** count;
  let left = fractionOf(next);
  let k = 0;
  while (left > term && k < count) {
    left -= term;
    k += 1;
    term *= (odds * (count - k + 1)) / k;
  }
  return k;
};

/** A Poisson count by inversion, for a mean below a few hundred. */
export const drawPoisson = (next: Next, mean: number): number => {
  let term = Math.exp(-mean);
  let left = fractionOf(next);
  let k = 0;
  while (left > term && k < 10_000) {
    left -= term;
    k += 1;
    term *= mean / k;
  }
  return k;
};
