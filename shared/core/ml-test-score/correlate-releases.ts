import type { RecordedRelease } from './model-records.ts';

export interface Correlation {
  /** Pearson's, in [-1, 1]. */
  readonly value: number;
  /** 95 % by Fisher's transformation (Fisher 1921): tanh(atanh(r) ± 1.96 / √(n − 3)). */
  readonly lower: number;
  readonly upper: number;
}

/** Fisher's interval needs as many. */
export const FEWEST_RELEASES = 4;
const NORMAL_QUANTILE = 1.959963984540054;
/** Of a perfect correlation the transformation is infinite. */
const ALMOST_ONE = 1 - 1e-12;

/**
 * How the losses that versions promised go with those that they had. Undefined for fewer than four releases, and where
 * one side is the same for all.
 */
export const correlateReleases = (releases: readonly RecordedRelease[]): Correlation | undefined => {
  const count = releases.length;
  if (count < FEWEST_RELEASES) return undefined;
  const meanOf = (pick: (release: RecordedRelease) => number): number =>
    releases.reduce((sum, release) => sum + pick(release), 0) / count;
  const offlineMean = meanOf(({ offlineLoss }) => offlineLoss);
  const onlineMean = meanOf(({ onlineLoss }) => onlineLoss);
  let products = 0;
  let offlineSquares = 0;
  let onlineSquares = 0;
  for (const { offlineLoss, onlineLoss } of releases) {
    const offline = offlineLoss - offlineMean;
    const online = onlineLoss - onlineMean;
    products += offline * online;
    offlineSquares += offline * offline;
    onlineSquares += online * online;
  }
  if (offlineSquares === 0 || onlineSquares === 0) return undefined;
  const value = Math.max(-1, Math.min(1, products / Math.sqrt(offlineSquares * onlineSquares)));
  const centre = Math.atanh(Math.max(-ALMOST_ONE, Math.min(ALMOST_ONE, value)));
  const halfWidth = NORMAL_QUANTILE / Math.sqrt(count - 3);
  return { value, lower: Math.tanh(centre - halfWidth), upper: Math.tanh(centre + halfWidth) };
};
