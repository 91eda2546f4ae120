import type { TableProfile } from './column-profile.ts';
import type { TableBins } from './table-bins.ts';
import { createTableProfiler } from './table-profiler.ts';

/**
 * One profile of all rows of several. Counts, extremes, distinct counts and fingerprints do not depend on the order;
 * means and squares do in their last digits, quantile sketches and heavy hitters within their bounds.
 * @throws InvalidRequestError when a profile was counted by other bins.
 */
export const mergeProfiles = (
  bins: TableBins,
  profiles: Iterable<TableProfile>,
  { sketchSize }: { readonly sketchSize?: number } = {},
): TableProfile => {
  const profiler = createTableProfiler(bins, sketchSize === undefined ? {} : { sketchSize });
  for (const profile of profiles) profiler.absorb(profile);
  return profiler.profile();
};
