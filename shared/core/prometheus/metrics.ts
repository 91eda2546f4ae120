import { assert } from '../../kernel/assert.ts';

/**
 * Counters, gauges and histograms that are counted in several places and read in one: each place keeps its own and gives
 * a snapshot, snapshots are summed, and the sum is written as Prometheus reads it (`exposition.ts`).
 */

export type MetricKind = 'counter' | 'gauge' | 'histogram';

export interface MetricFamily {
  readonly name: string;
  readonly kind: MetricKind;
  readonly help: string;
  readonly labels: readonly string[];
  /** Of histograms: upper bounds, ascending, without the infinite one. */
  readonly bounds?: readonly number[];
}

/** Of a counter or gauge one number; of a histogram the count of each bucket (the infinite one last), then the sum. */
export type Series = number[];

/** By family name, then by label values as one JSON text. Plain data: it travels between threads. */
export type MetricSnapshot = Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;

export interface Metrics {
  /** The series of these label values, to be counted in place. It stays the same for as long as the process lives. */
  series(family: string, labelValues: readonly string[]): Series;
  snapshot(): MetricSnapshot;
}

/** Series of one family; what comes beyond is counted under the label value `other`, so that names cost no memory. */
const MOST_SERIES = 5_000;
const OTHER = 'other';

export const createMetrics = (families: readonly MetricFamily[]): Metrics => {
  const known = new Map(families.map((family) => [family.name, { family, series: new Map<string, Series>() }]));
  return {
    series: (name, labelValues) => {
      const found = known.get(name);
      assert(found !== undefined, `metric ${name} is not declared`);
      const { family, series } = found;
      assert(labelValues.length === family.labels.length, `metric ${name} has the labels ${family.labels.join(', ')}`);
      const asked = JSON.stringify(labelValues);
      const key = series.has(asked) || series.size < MOST_SERIES ? asked : JSON.stringify(labelValues.map(() => OTHER));
      const standing = series.get(key);
      if (standing !== undefined) return standing;
      const fresh: Series = new Array((family.bounds?.length ?? -1) + 2).fill(0);
      series.set(key, fresh);
      return fresh;
    },
    snapshot: () =>
      Object.fromEntries([...known].map(([name, { series }]) => [name, Object.fromEntries(copied(series))])),
  };
};

const copied = (series: ReadonlyMap<string, Series>): readonly (readonly [string, readonly number[]])[] =>
  [...series].map(([key, values]) => [key, [...values]]);

/** Adds one observation to a histogram's series. */
export const observe = (series: Series, bounds: readonly number[], value: number): void => {
  let bucket = 0;
  while (bucket < bounds.length && value > (bounds[bucket] as number)) bucket += 1;
  series[bucket] = (series[bucket] ?? 0) + 1;
  const sumAt = bounds.length + 1;
  series[sumAt] = (series[sumAt] ?? 0) + value;
};

export const count = (series: Series, by = 1): void => {
  series[0] = (series[0] ?? 0) + by;
};

/** All that several places counted. Gauges are summed too: each place tells its part. */
export const sumSnapshots = (snapshots: readonly MetricSnapshot[]): MetricSnapshot => {
  const sum = new Map<string, Map<string, number[]>>();
  for (const [name, series] of snapshots.flatMap((snapshot) => Object.entries(snapshot))) {
    const family = sum.get(name) ?? new Map<string, number[]>();
    sum.set(name, family);
    for (const [key, values] of Object.entries(series)) {
      const standing = family.get(key);
      if (standing === undefined) family.set(key, [...values]);
      else for (const [i, value] of values.entries()) standing[i] = (standing[i] ?? 0) + value;
    }
  }
  return Object.fromEntries([...sum].map(([name, family]) => [name, Object.fromEntries(family)]));
};
