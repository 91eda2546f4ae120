const Z_95 = 1.6448536269514722;
const Z_80 = 0.8416212335729143;

/**
 * Canary units of the one-sided two-proportion z-test at α = 5 % with 80 % power, for `championsPerCanary` units of the
 * champion to each (Fleiss, Statistical Methods for Rates and Proportions, 1981, chapter 3, without continuity
 * correction): what a test that looks once needs.
 */
export const fixedSampleSize = ({
  championRate,
  canaryRate,
  championsPerCanary: r,
}: {
  readonly championRate: number;
  readonly canaryRate: number;
  readonly championsPerCanary: number;
}): number => {
  const pooled = (canaryRate + r * championRate) / (1 + r);
  const spread =
    Z_95 * Math.sqrt(pooled * (1 - pooled) * (1 + 1 / r)) +
    Z_80 * Math.sqrt(canaryRate * (1 - canaryRate) + (championRate * (1 - championRate)) / r);
  return Math.ceil((spread / (canaryRate - championRate)) ** 2);
};
