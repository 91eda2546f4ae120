import type { SeededRandom } from '../../../infra/local/simulation/seeded-random.ts';
import { normalQuantile } from '../../../shared/core/drift/normal-quantile.ts';
import { normalShare } from '../../../shared/core/drift/normal-share.ts';
import type { ColumnBins } from '../../../shared/core/profiles/index.ts';

/** How rows of one column lie: shifted standard normal numbers, or a category whose log odds a shift moves. */
export interface ColumnLaw {
  readonly name: string;
  /** Inner edges of the bins, of a number. */
  readonly edges: readonly number[];
  /** Of a category: how far a shift of 1 moves the log odds of each kind. */
  readonly pulls?: readonly number[];
  readonly missingShare: number;
  readonly hourly: number;
  readonly phase: number;
  readonly byWeekday: readonly number[];
  /** Shift that all rows of a day share. */
  readonly byDay: readonly number[];
}

/** `independent`: rows are all alike. `days`: weekdays, hours, and shifts that the rows of a day share. */
export type WorldKind = 'independent' | 'days';

const HOURS = 24;
const QUANTILES = [-1.2816, -0.8416, -0.5244, -0.2533, 0, 0.2533, 0.5244, 0.8416, 1.2816];
/** Of a category's kinds while nothing is shifted. */
const KIND_SHARES = [0.333, 0.238, 0.169, 0.1, 0.069, 0.041, 0.025, 0.015, 0.01];

export const drawNormal = (random: SeededRandom): number =>
  Math.sqrt(-2 * Math.log(1 - random.fraction())) * Math.cos(2 * Math.PI * random.fraction());

/**
 * Day effects: a standard deviation of 0.1 to 0.3, of which three tenths of the variance are weather that all columns
 * share; of every second column an autoregression of 0.3 to 0.5.
 */
const drawDayEffects = (random: SeededRandom, weather: readonly number[], column: number): readonly number[] => {
  const size = 0.1 + 0.2 * random.fraction();
  const memory = column % 2 === 0 ? 0.3 + 0.2 * random.fraction() : 0;
  let effect = drawNormal(random);
  return weather.map((common) => {
    const fresh = Math.sqrt(0.3) * common + Math.sqrt(0.7) * drawNormal(random);
    effect = memory * effect + Math.sqrt(1 - memory * memory) * fresh;
    return size * effect;
  });
};

export const drawLaw = (
  random: SeededRandom,
  {
    name,
    column,
    isCategory,
    missingShare,
  }: { name: string; column: number; isCategory: boolean; missingShare: number },
  kind: WorldKind,
  weather: readonly number[],
): ColumnLaw => {
  const seasonal = kind === 'days';
  return {
    name,
    ...(isCategory ? { pulls: KIND_SHARES.map(() => drawNormal(random)) } : {}),
    // Bins of a reference have no exactly equal counts either.
    edges: isCategory ? [] : QUANTILES.map((edge) => edge + 0.05 * (random.fraction() - 0.5)),
    missingShare,
    hourly: seasonal ? 0.3 * random.fraction() : 0,
    phase: random.fraction() * HOURS,
    byWeekday: Array.from({ length: 7 }, () => (seasonal ? 0.15 * drawNormal(random) : 0)),
    byDay: seasonal ? drawDayEffects(random, weather, column) : weather.map(() => 0),
  };
};

export const shiftAt = ({ hourly, phase, byWeekday, byDay }: ColumnLaw, index: number, hour: number): number =>
  hourly * Math.sin((2 * Math.PI * (hour - phase)) / HOURS) + (byWeekday[index % 7] ?? 0) + (byDay[index] ?? 0);

export const binCountOf = ({ edges, pulls }: ColumnLaw): number => pulls?.length ?? edges.length + 1;

/** Shares of the rows up to each bin, but the last. */
export const cumulate = ({ edges, pulls }: ColumnLaw, shift: number): Float64Array => {
  if (pulls === undefined) return Float64Array.from(edges, (edge) => normalShare(edge - shift));
  const odds = pulls.map((pull, kind) => (KIND_SHARES[kind] ?? 0) * Math.exp(pull * shift));
  const total = odds.reduce((sum, one) => sum + one, 0);
  let below = 0;
  return Float64Array.from(odds.slice(1), (_, kind) => {
    below += (odds[kind] ?? 0) / total;
    return below;
  });
};

/** The bin of a uniform draw. */
export const binAt = (cumulated: Float64Array, draw: number): number => {
  let bin = 0;
  while (bin < cumulated.length && draw > (cumulated[bin] as number)) bin += 1;
  return bin;
};

/** The cell that a uniform draw stands for, as a capture would have it; NaN is missing. */
export const cellAt = (law: ColumnLaw, shift: number, draw: number): number | string | null => {
  if (Number.isNaN(draw)) return null;
  if (law.pulls === undefined) return normalQuantile(Math.min(1 - 1e-12, Math.max(1e-12, draw))) + shift;
  return `kind-${binAt(cumulate(law, shift), draw)}`;
};

/** The last kind has no bin of its own. */
export const binsOfLaw = ({ name, edges, pulls }: ColumnLaw): ColumnBins =>
  pulls === undefined
    ? { name, type: 'number', edges }
    : { name, type: 'category', categories: pulls.slice(1).map((_, kind) => `kind-${kind}`) };
