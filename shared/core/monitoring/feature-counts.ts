import { assert } from '../../kernel/assert.ts';
import { binIndex } from '../statistics/histogram.ts';
import type { CategoryProfile, NumberProfile } from './reference-profile.ts';

/** A feature's value as captured or stored: null, NaN and the empty string all mean missing. */
export type CellValue = number | string | null | undefined;

/** Counts of one feature over the bins of its reference. */
export interface FeatureCounts {
  readonly rowCount: number;
  readonly missingCount: number;
  readonly outOfRangeCount: number;
  readonly counts: readonly number[];
}

export const isMissing = (value: CellValue): boolean =>
  value === null || value === undefined || value === '' || Number.isNaN(value);

type Bins = Pick<NumberProfile, 'type' | 'edges' | 'min' | 'max'> | Pick<CategoryProfile, 'type' | 'categories'>;

const binCountOf = (bins: Bins): number =>
  bins.type === 'number' ? bins.edges.length + 1 : bins.categories.length + 1;

const isOutOfRange = (bins: Bins, value: number): boolean =>
  bins.type === 'number' && (value < (bins.min ?? -Infinity) || value > (bins.max ?? Infinity));

/** Counts values by the reference's bins. A number outside its declared range is counted in its bin all the same. */
export const countFeature = (bins: Bins, values: Iterable<CellValue>): FeatureCounts => {
  const counts = new Array<number>(binCountOf(bins)).fill(0);
  const categoryIndex = new Map(bins.type === 'category' ? bins.categories.map((name, i) => [name, i]) : []);
  let rowCount = 0;
  let missingCount = 0;
  let outOfRangeCount = 0;
  for (const value of values) {
    rowCount += 1;
    if (isMissing(value)) {
      missingCount += 1;
      continue;
    }
    const bin =
      bins.type === 'number'
        ? binIndex(bins.edges, Number(value))
        : (categoryIndex.get(String(value)) ?? bins.categories.length);
    assert(bin < counts.length, 'a value has a bin');
    counts[bin] = (counts[bin] ?? 0) + 1;
    if (isOutOfRange(bins, Number(value))) outOfRangeCount += 1;
  }
  return { rowCount, missingCount, outOfRangeCount, counts };
};
