/** How much days depend on the days before, from residuals that have mean 0. */

/** Autocorrelations of lags 1 to `lags`; 0 where nothing varies. */
export const autocorrelations = (residuals: ArrayLike<number>, lags: number): Float64Array => {
  const found = new Float64Array(lags);
  let squares = 0;
  for (let t = 0; t < residuals.length; t += 1) squares += (residuals[t] as number) ** 2;
  if (squares === 0) return found;
  for (let lag = 1; lag <= lags; lag += 1) {
    let sum = 0;
    for (let t = lag; t < residuals.length; t += 1) sum += (residuals[t] as number) * (residuals[t - lag] as number);
    found[lag - 1] = sum / squares;
  }
  return found;
};

/**
 * By how much dependence within blocks raises the variance of a running mean that keeps φ a day: 1 + 2 Σ φᵏ(1 − k/b)ρₖ,
 * b the block's days (Bartlett's weights are those of drawing blocks).
 */
export const inflationOf = (correlations: ArrayLike<number>, kept: number, blockDays: number): number => {
  let inflation = 1;
  let weight = 1;
  for (let lag = 1; lag < blockDays; lag += 1) {
    weight *= kept;
    inflation += 2 * weight * (1 - lag / blockDays) * (correlations[lag - 1] ?? 0);
  }
  return inflation;
};

/** Blocks of the length with the least squared error still take a limit too low: what they leave out all adds up. */
const WIDER = 2;

/**
 * Days of a block for drawing blocks in a circle, as if days followed an autoregression of order 1: Politis & White 2004,
 * "Automatic block-length selection for the dependent bootstrap", corrected 2009. Longer memories must be declared.
 * @param correlation of a day with the one before.
 */
export const blockDaysOf = (correlation: number, dayCount: number): number => {
  if (correlation <= 0) return 1;
  const slope = (2 * correlation) / (1 - correlation) ** 2;
  const longRun = (1 + correlation) / (1 - correlation);
  return Math.max(1, Math.round(WIDER * Math.cbrt((1.5 * slope * slope * dayCount) / (longRun * longRun))));
};
