import { type SortedSample, walkDistributions } from './walk-distributions.ts';

/**
 * The first Wasserstein distance between two samples, in the unit of the values: ∫ |F − G| over their distribution
 * functions, which on a line is the least mean distance that mass must travel (Vallender 1974).
 */
export const wassersteinDistance = (a: SortedSample, b: SortedSample): number => {
  let distance = 0;
  walkDistributions(a, b, (difference, width) => {
    distance += Math.abs(difference) * width;
  });
  return distance;
};
