import type { DistinctSketch } from './distinct-sketch.ts';
import type { HeavyHitters } from './heavy-hitters.ts';
import type { MomentSums } from './moment-sums.ts';
import type { QuantileSketch } from './quantile-sketch.ts';

interface ColumnCounts {
  readonly name: string;
  /** Rows of batches that did not have the column. */
  readonly absentCount: number;
  readonly missingCount: number;
  /** Texts where numbers belong. */
  readonly mistypedCount: number;
  /** One count a bin. */
  readonly counts: Float64Array;
  readonly distinct: DistinctSketch;
  /** Equal for columns that are equal row by row, and otherwise different but once in 2³². */
  readonly fingerprint: number;
}

export interface NumberProfile extends ColumnCounts {
  readonly type: 'number';
  /** Infinities, and numbers beyond ±10¹⁴⁰, whose squares could not be summed. */
  readonly notFiniteCount: number;
  /** Of the counted: outside the declared range. */
  readonly outOfRangeCount: number;
  readonly moments: MomentSums;
  readonly quantiles: QuantileSketch;
}

export interface CategoryProfile extends ColumnCounts {
  readonly type: 'category';
  /** The texts in the last bin. */
  readonly others: HeavyHitters;
}

/** A column counted: rows = absent + missing + mistyped + not finite + Σ counts. */
export type ColumnProfile = NumberProfile | CategoryProfile;

export const PROFILE_VERSION = 1;

/** A table's rows, counted. Kilobytes whatever their number; merges with any other by the same bins. */
export interface TableProfile {
  readonly schemaVersion: typeof PROFILE_VERSION;
  readonly binsId: string;
  readonly rowCount: number;
  readonly distinctRows: DistinctSketch;
  /** In the order of the bins. */
  readonly columns: readonly ColumnProfile[];
  /** Columns that came and have no bins, by name; at most 20. */
  readonly unexpected: readonly string[];
}
