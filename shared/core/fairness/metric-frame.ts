import { InvalidRequestError } from '../../kernel/errors.ts';
import type { GroupMetric } from './group-metrics.ts';
import { spreadBetween } from './group-spread.ts';
import { type Resampling, resampling } from './resample.ts';
import { type DrawnGroup, ENOUGH, spreadInterval } from './spread-interval.ts';

/** Labelled predictions with the group of each. */
export interface GroupedRows {
  readonly labels: ArrayLike<number>;
  readonly predictions: ArrayLike<number>;
  readonly groups: readonly string[];
  /** UTC day of each, as any number that tells days apart. */
  readonly days: ArrayLike<number>;
}

/** A number and its interval of 95 %, both bounds absent where too few draws have the number. */
export interface MeasuredValue {
  readonly value: number;
  readonly lower?: number;
  readonly upper?: number;
}

export interface MeasuredSpread {
  /** Its interval holds for all pairs of groups at once: README.md. */
  readonly difference: MeasuredValue;
  readonly ratio?: MeasuredValue;
}

export interface MetricFrame extends MeasuredSpread {
  readonly overall: MeasuredValue;
  /** By name. */
  readonly groups: readonly { readonly group: string; readonly rowCount: number; readonly value: MeasuredValue }[];
}

/** What one draw of the rows, or the rows themselves, come to. */
interface Evaluated {
  readonly overall: number | undefined;
  readonly groups: readonly (number | undefined)[];
}

export interface Frames {
  readonly intervalBy: Resampling['by'];
  /** Days or rows that were drawn. */
  readonly unitCount: number;
  readonly names: readonly string[];
  readonly counts: readonly number[];
  /** By metric: the rows as they are first, then each draw. */
  readonly evaluated: ReadonlyMap<string, readonly Evaluated[]>;
}

const DRAWS = 200;

const gather = (values: ArrayLike<number>, rows: readonly number[]): Float64Array => {
  const gathered = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i += 1) gathered[i] = values[rows[i] as number] as number;
  return gathered;
};

const evaluate = (
  { labels, predictions }: GroupedRows,
  { rows, groupOf, groupCount }: { rows: readonly number[]; groupOf: Int32Array; groupCount: number },
  metrics: ReadonlyMap<string, GroupMetric>,
  fewest: number,
): readonly Evaluated[] => {
  const members = Array.from({ length: groupCount }, (): number[] => []);
  for (const row of rows) members[groupOf[row] as number]?.push(row);
  const parts = [rows, ...members].map((of) => [gather(labels, of), gather(predictions, of)] as const);
  return [...metrics.values()].map((metric) => {
    const [overall, ...groups] = parts.map(([some, answers]) => metric(some, answers, fewest));
    return { overall, groups };
  });
};

const ofGroupsThatHad = ({ overall, groups }: Evaluated, had: Evaluated): Evaluated => ({
  overall,
  groups: groups.map((value, group) => (had.groups[group] === undefined ? undefined : value)),
});

/**
 * Every metric by group and over all, of the rows and of draws of them with replacement: whole days from 8 on, rows below.
 * Draws are the same for all metrics, and the same every time. A group without the metric has it in no draw either.
 * @param fewest of a group's rows that a metric is of: those with a positive label of a true positive rate.
 * @throws InvalidRequestError for unequal lengths.
 */
export const evaluateFrames = (
  rows: GroupedRows,
  metrics: Readonly<Record<string, GroupMetric>>,
  fewest = 1,
): Frames => {
  const { labels, predictions, groups, days } = rows;
  if ([predictions.length, groups.length, days.length].some((length) => length !== labels.length))
    throw new InvalidRequestError(
      `groups need as many predictions, groups and days as labels, got ${labels.length} labels, ${predictions.length} predictions, ${groups.length} groups and ${days.length} days`,
    );
  const names = [...new Set(groups)].sort();
  const indexOf = new Map(names.map((name, i) => [name, i]));
  const groupOf = Int32Array.from(groups, (group) => indexOf.get(group) as number);
  const counts = names.map(() => 0);
  for (const group of groupOf) counts[group] = (counts[group] as number) + 1;
  const wanted = new Map(Object.entries(metrics));
  const take = (drawn: readonly number[], least: number) =>
    evaluate(rows, { rows: drawn, groupOf, groupCount: names.length }, wanted, least);
  const whole = take([...groupOf.keys()], fewest);
  const sampling = resampling(days);
  const draws = Array.from(sampling.draws(DRAWS), (drawn) =>
    take(drawn, 1).map((one, i) => ofGroupsThatHad(one, whole[i] as Evaluated)),
  );
  const evaluated = new Map(
    [...wanted.keys()].map((name, i) => [name, [whole, ...draws].map((all) => all[i] as Evaluated)]),
  );
  const { by: intervalBy, unitCount } = sampling;
  return { intervalBy, unitCount, names, counts, evaluated };
};

/** The first value with the middle 95 % of the others. */
export const withInterval = (values: readonly (number | undefined)[]): MeasuredValue | undefined => {
  const [value, ...draws] = values;
  if (value === undefined) return undefined;
  const known = draws.filter((one) => one !== undefined).sort((a, b) => a - b);
  if (known.length < ENOUGH * draws.length || known.length < 2) return { value };
  const at = (share: number): number => known[Math.round(share * (known.length - 1))] as number;
  return { value, lower: at(0.025), upper: at(0.975) };
};

const known = ({ groups }: Evaluated): readonly number[] => groups.filter((value) => value !== undefined);

const drawnGroups = ([whole, ...draws]: readonly Evaluated[]): readonly DrawnGroup[] =>
  (whole?.groups ?? []).flatMap((value, group) =>
    value === undefined
      ? []
      : [{ value, draws: Float64Array.from(draws, ({ groups }) => groups[group] ?? Number.NaN) }],
  );

/** Spreads of some metrics at once: the worst of them. */
export const worstSpread = (frames: Frames, metrics: readonly string[]): MeasuredSpread | undefined => {
  const evaluated = metrics.map((name) => frames.evaluated.get(name) ?? []);
  const spreads = evaluated.map((all) => all.map((one) => spreadBetween(known(one))));
  const whole = spreads.map(([one]) => one);
  if (!whole.every((one) => one !== undefined)) return undefined;
  const ratio = withInterval(
    (spreads[0] ?? []).map((_, draw) => {
      const ratios = spreads.map((of) => of[draw]?.ratio);
      return ratios.every((one) => one !== undefined) ? Math.min(...ratios) : undefined;
    }),
  );
  const value = Math.max(...whole.map(({ difference }) => difference));
  const interval = spreadInterval(evaluated.map(drawnGroups), frames.unitCount);
  return { difference: { value, ...interval }, ...(ratio === undefined ? {} : { ratio }) };
};

/** One metric over all and by group, with its spread; groups that do not have it are left out. */
export const metricFrame = (frames: Frames, metric: string): MetricFrame | undefined => {
  const evaluated = frames.evaluated.get(metric) ?? [];
  const overall = withInterval(evaluated.map((one) => one.overall));
  const spread = worstSpread(frames, [metric]);
  if (overall === undefined || spread === undefined) return undefined;
  const groups = frames.names.flatMap((group, i) => {
    const value = withInterval(evaluated.map((one) => one.groups[i]));
    return value === undefined ? [] : [{ group, rowCount: frames.counts[i] as number, value }];
  });
  return { overall, groups, ...spread };
};
