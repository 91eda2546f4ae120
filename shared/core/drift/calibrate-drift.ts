import { InvalidRequestError } from '../../kernel/errors.ts';
import { chooseLimit, episodesPerYear, tailTable } from './choose-limit.ts';
import { codeColumns } from './component-codes.ts';
import { addTables } from './counted-table.ts';
import { autocorrelations, blockDaysOf, inflationOf } from './day-dependence.ts';
import type { ColumnCodes, ComponentBaseline, DriftCalibration, SliceBaseline } from './drift-calibration.ts';
import type { DayProfile, DriftReference } from './drift-reference.ts';
import { type DriftSettings, settled } from './drift-settings.ts';
import { type FittedComponent, fitComponent, type SliceDays, widerSpreadsOf } from './fit-baselines.ts';
import { centreHours, lessHours } from './hours.ts';
import { rounded } from './rounded.ts';
import { componentCountOf, type DayScores, scoreDay } from './score-day.ts';
import { sliceTable, WHOLE_TRAFFIC } from './slice-table.ts';
import { keptShare, spansOf } from './spans.ts';
import { drawVirtualYears, type VirtualPlan } from './virtual-years.ts';
import { meansOfDays } from './weekdays.ts';

/** Blocks below which a reference tells nothing of what days do. */
const LEAST_BLOCKS = 8;
/** A limit is set for this part of the episodes that are allowed: few days know little of rare ones. */
const AIM = 0.3;
const MIXED_BLOCKS = 4;
const SEED = 20_010_108;
/** Days of a block that is estimated: longer dependence must be declared. */
const LONGEST_ESTIMATE = 28;
/** Lags that are looked at, and as many as a declared block has. */
const LEAST_LAGS = 14;
/** A slice needs rows on this share of the reference's days to be judged. */
const LEAST_DAYS_SHARE = 0.5;

interface FittedSlice {
  readonly name: string;
  readonly rowsPerDay: number;
  readonly components: readonly FittedComponent[];
}

const checkReference = ({ bins, days, blockDays }: DriftReference): void => {
  if (days.length === 0) throw new InvalidRequestError('a drift reference must have at least one day, got none');
  if (!Number.isInteger(blockDays) || blockDays < 1)
    throw new InvalidRequestError(`block days must be a whole number from 1, got ${blockDays}`);
  const seen = new Set<string>();
  for (const day of days) {
    if (seen.has(day.day))
      throw new InvalidRequestError(`a drift reference must have each day once, got ${day.day} twice`);
    seen.add(day.day);
    if (day.slices?.[WHOLE_TRAFFIC] !== undefined)
      throw new InvalidRequestError(`a slice must not be called ${WHOLE_TRAFFIC}, which is the whole traffic`);
    for (const { binsId } of [day.profile, ...Object.values(day.slices ?? {})])
      if (binsId !== bins.id)
        throw new InvalidRequestError(`a day must be counted by bins ${bins.id}, got ${day.day} by ${binsId}`);
  }
};

const fitSlice = (
  name: string,
  days: readonly DayProfile[],
  columns: readonly ColumnCodes[],
  places: Pick<SliceDays, 'places' | 'meanCount'>,
): FittedSlice | undefined => {
  const tables = days.map((day) => sliceTable(day, name));
  const scored = tables.map((table, i): DayScores | undefined => {
    if (table === undefined || table.rowCount === 0) return undefined;
    return lessHours(scoreDay(columns, table), columns, days[i]?.rowsByHour);
  });
  const present = scored.filter((day) => day !== undefined).length;
  if (name !== WHOLE_TRAFFIC && present < LEAST_DAYS_SHARE * days.length) return undefined;
  const rows = tables.reduce((sum, table) => sum + (table?.rowCount ?? 0), 0);
  return {
    name,
    rowsPerDay: rows / Math.max(1, present),
    components: Array.from({ length: componentCountOf(columns) }, (_, component) =>
      fitComponent({ days: scored, ...places }, component),
    ),
  };
};

/** Upper quartile of the standard normal. */
const QUARTILE = 0.674;

/**
 * The autocorrelations that a quarter of the components exceed, less what chance alone makes of the quartile: of columns
 * that depend on the day before, and of others that do not, the first matter.
 */
const pooledCorrelations = (
  components: readonly FittedComponent[],
  dayCount: number,
  blockDays: number,
): Float64Array => {
  const lags = Math.min(Math.max(LEAST_LAGS, blockDays - 1), dayCount - 1);
  const own = components.map(({ residuals }) => autocorrelations(residuals, lags));
  return Float64Array.from({ length: lags }, (_, lag) => {
    const sorted = own.map((one) => one[lag] as number).sort((a, b) => a - b);
    const quartile = sorted[Math.floor(0.75 * (sorted.length - 1))] ?? 0;
    return quartile - QUARTILE / Math.sqrt(dayCount);
  });
};

const baselineOf = ({ means, dayVariance }: FittedComponent, spread: ArrayLike<number>): ComponentBaseline => ({
  means: means.map(rounded),
  dayVariance: rounded(dayVariance),
  spread: Array.from(spread, rounded),
});

/** The least limit that both kinds of virtual years allow: of the reference's own blocks, and of mixed ones. */
const limitOf = (plan: Omit<VirtualPlan, 'mixedBlocks' | 'seed'>, perYear: number, endsAfterDays: number) => {
  const own = drawVirtualYears({ ...plan, mixedBlocks: 1, seed: SEED });
  const mixed = drawVirtualYears({ ...plan, mixedBlocks: MIXED_BLOCKS, seed: SEED + 1 });
  const rule = { perYear, endsAfterDays };
  const limit = rounded(Math.max(chooseLimit(own.courses, rule), chooseLimit(mixed.courses, rule)));
  return {
    limit,
    expectedEpisodesPerYear: rounded(episodesPerYear([...own.courses, ...mixed.courses], limit, endsAfterDays)),
    tails: plan.spans.map((_, i) =>
      tailTable((own.tails[i] as Float64Array).map((count, step) => count + (mixed.tails[i]?.[step] ?? 0))),
    ),
  };
};

/**
 * What a usual day is like, and the limit that clean years keep below: at most `falseAlarmsPerYear` episodes are to be
 * expected. The same reference and settings give the same calibration. Fewer than 8 blocks: not calibrated.
 * @throws InvalidRequestError for days that come twice, or were counted by other bins.
 */
export const calibrateDrift = (reference: DriftReference, settings: DriftSettings = {}): DriftCalibration => {
  checkReference(reference);
  const { falseAlarmsPerYear, windowDays, smallestEffect, virtualYears } = settled(settings);
  const days = [...reference.days].sort((a, b) => (a.day < b.day ? -1 : 1));
  const whole = addTables(days.map(({ profile }) => profile));
  const columns = centreHours(codeColumns(reference.bins, whole), reference.hours);
  const places = meansOfDays(days.map(({ day }) => day));
  const names = new Set(days.flatMap(({ slices }) => Object.keys(slices ?? {})));
  const slices = [WHOLE_TRAFFIC, ...[...names].sort()]
    .map((name) => fitSlice(name, days, columns, places))
    .filter((slice) => slice !== undefined);
  const correlations = pooledCorrelations(slices[0]?.components ?? [], days.length, reference.blockDays);
  const longest = Math.max(1, Math.min(LONGEST_ESTIMATE, Math.floor(days.length / LEAST_BLOCKS)));
  const blockDays = Math.max(reference.blockDays, Math.min(longest, blockDaysOf(correlations[0] ?? 0, days.length)));
  const spans = spansOf(windowDays);
  const terms = {
    spans,
    dayCount: days.length,
    meanCount: places.meanCount,
    blockDays,
    pooledInflations: spans.map((span) => inflationOf(correlations, keptShare(span), blockDays)),
  };
  const blockCount = Math.floor(days.length / blockDays);
  const calibrated = blockCount >= LEAST_BLOCKS;
  const components = slices.flatMap((slice) => slice.components);
  const found = calibrated
    ? limitOf(
        { ...terms, components, places: places.places, smallestEffect, yearCount: virtualYears },
        AIM * falseAlarmsPerYear,
        windowDays,
      )
    : undefined;
  const statement =
    found === undefined
      ? `limit not calibrated: the reference has ${blockCount} blocks of ${blockDays} days, at least ${LEAST_BLOCKS} are needed`
      : `at most ${falseAlarmsPerYear} false episodes a year, by ${2 * virtualYears} years drawn from ${days.length} days in blocks of ${blockDays}`;
  return {
    schemaVersion: 1,
    id: `${reference.bins.id}:${days[0]?.day}:${days.at(-1)?.day}:${windowDays}`,
    binsId: reference.bins.id,
    calibrated,
    statement,
    referenceDays: days.length,
    referenceRows: whole.rowCount,
    blockDays,
    blockCount,
    falseAlarmsPerYear,
    windowDays,
    smallestEffect,
    ...(found === undefined ? { tails: [] } : found),
    columns,
    slices: slices.map(
      ({ name, rowsPerDay, components: fitted }): SliceBaseline => ({
        name,
        rowsPerDay: rounded(rowsPerDay),
        components: fitted.map((component) =>
          baselineOf(component, widerSpreadsOf(component.residuals, terms, correlations[0] ?? 0)),
        ),
      }),
    ),
    referenceCounts: Object.fromEntries(
      columns.map(({ name }, i) => [name, Array.from(whole.columns[i]?.counts ?? [])]),
    ),
  };
};
