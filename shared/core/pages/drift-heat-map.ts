/** How far each feature was from its reference, day by day. */
export interface DriftHeatMap {
  /** `YYYY-MM-DD`, oldest first. */
  readonly days: readonly string[];
  /** The farthest in the newest days first. */
  readonly rows: readonly HeatRow[];
  /** What a value is. */
  readonly measure: string;
  /** A value from here on is drawn as one that stands out. */
  readonly notable: number;
}

interface HeatRow {
  readonly name: string;
  /** One a day; undefined where nothing was compared. */
  readonly values: readonly (number | undefined)[];
}

/** What a day's drift report says of features. */
export interface DayOfFeatures {
  readonly day: string;
  readonly columns: readonly { readonly name: string; readonly value?: number | undefined }[];
}

const RECENT_DAYS = 3;

const worstOf = ({ values }: HeatRow): number =>
  values.slice(-RECENT_DAYS).reduce<number>((most, value) => Math.max(most, value ?? 0), 0);

/** From each day's comparison; days without a report have no column. */
export const driftHeatMap = (
  reports: readonly DayOfFeatures[],
  { measure, notable }: Pick<DriftHeatMap, 'measure' | 'notable'>,
): DriftHeatMap => {
  const oldestFirst = reports.toSorted((a, b) => a.day.localeCompare(b.day));
  const names = new Set(oldestFirst.flatMap(({ columns }) => columns.map(({ name }) => name)));
  const byDay = oldestFirst.map(({ columns }) => new Map(columns.map(({ name, value }) => [name, value])));
  const rows = [...names].map((name) => ({ name, values: byDay.map((values) => values.get(name)) }));
  return {
    days: oldestFirst.map(({ day }) => day),
    rows: rows.toSorted((a, b) => worstOf(b) - worstOf(a) || a.name.localeCompare(b.name)),
    measure,
    notable,
  };
};
