/** How a feature's values are distributed in the reference and in the newest window. */
export interface FeatureDistribution {
  readonly name: string;
  readonly bins: readonly DistributionBin[];
  /** How far apart they are, and how that was measured; absent where nothing was compared. */
  readonly distance?: { readonly measure: string; readonly value: number; readonly stands: boolean };
  /** What else changed: missing values, values out of range, the mean. */
  readonly notes: readonly string[];
}

interface DistributionBin {
  readonly label: string;
  /** Of the rows with a value, in [0, 1]. */
  readonly reference: number;
  readonly current: number;
}

export interface Distributions {
  /** What the reference and the window are, in words. */
  readonly reference: string;
  readonly current: string;
  /** The farthest apart first. */
  readonly features: readonly FeatureDistribution[];
}

/** Counts of one column by the same bins on both sides. */
export interface CountedColumn {
  readonly name: string;
  readonly labels: readonly string[];
  readonly reference: ArrayLike<number>;
  readonly current: ArrayLike<number>;
  readonly distance?: FeatureDistribution['distance'];
  readonly notes: readonly string[];
}

/** Beyond these the bins that moved least are told as one. */
const MOST_BINS = 16;

const sharesOf = (counts: ArrayLike<number>): readonly number[] => {
  const all = Array.from(counts);
  const total = all.reduce((sum, count) => sum + count, 0);
  return all.map((count) => (total === 0 ? 0 : count / total));
};

/** Of many bins those that moved most, in their order, and the rest in one. */
const fewer = (bins: readonly DistributionBin[]): readonly DistributionBin[] => {
  if (bins.length <= MOST_BINS) return bins;
  const moved = ({ reference, current }: DistributionBin): number => Math.abs(current - reference);
  const kept = new Set(bins.toSorted((a, b) => moved(b) - moved(a)).slice(0, MOST_BINS - 1));
  const rest = bins.filter((bin) => !kept.has(bin));
  const sum = (side: 'reference' | 'current'): number => rest.reduce((total, bin) => total + bin[side], 0);
  const others = { label: `${rest.length} that moved less`, reference: sum('reference'), current: sum('current') };
  return [...bins.filter((bin) => kept.has(bin)), others];
};

const distributionOf = ({ name, labels, reference, current, distance, notes }: CountedColumn): FeatureDistribution => {
  const [before, now] = [sharesOf(reference), sharesOf(current)];
  const bins = labels.map((label, at) => ({ label, reference: before[at] ?? 0, current: now[at] ?? 0 }));
  return { name, bins: fewer(bins), ...(distance === undefined ? {} : { distance }), notes };
};

const rankOf = ({ distance }: FeatureDistribution): number =>
  distance === undefined ? -1 : (distance.stands ? 1_000 : 0) + distance.value;

/** Shares by bin from counts by bin. */
export const distributions = (
  columns: readonly CountedColumn[],
  { reference, current }: Pick<Distributions, 'reference' | 'current'>,
): Distributions => ({
  reference,
  current,
  features: columns.map(distributionOf).toSorted((a, b) => rankOf(b) - rankOf(a) || a.name.localeCompare(b.name)),
});
