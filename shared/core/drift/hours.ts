import { InvalidRequestError } from '../../kernel/errors.ts';
import type { CountedTable } from './counted-table.ts';
import type { ColumnCodes } from './drift-calibration.ts';
import { rounded } from './rounded.ts';
import { type DayScores, scoreDay } from './score-day.ts';

const HOURS = 24;

/** Adds what each hour shows, less its mean over a usual day, to the codes. An hour without rows is as the mean. */
export const centreHours = (
  columns: readonly ColumnCodes[],
  hours: readonly CountedTable[] | undefined,
): readonly ColumnCodes[] => {
  if (hours === undefined) return columns;
  if (hours.length !== HOURS)
    throw new InvalidRequestError(`a drift reference by hour must have ${HOURS} profiles, got ${hours.length}`);
  const scored = hours.map((hour) => scoreDay(columns, hour));
  const total = hours.reduce((sum, { rowCount }) => sum + rowCount, 0);
  let at = -1;
  return columns.map(({ name, components }) => ({
    name,
    components: components.map((component) => {
      at += 1;
      const scores = scored.map(({ scores: of }) => of[at] as number);
      const mean = scores.reduce(
        (sum, score, hour) => sum + (Number.isNaN(score) ? 0 : (score * (hours[hour]?.rowCount ?? 0)) / total),
        0,
      );
      return { ...component, byHour: scores.map((score) => (Number.isNaN(score) ? 0 : rounded(score - mean))) };
    }),
  }));
};

/** Takes out of a day's scores what its mix of hours makes of them: a morning is held against mornings. */
export const lessHours = (
  { scores, rows }: DayScores,
  columns: readonly ColumnCodes[],
  rowsByHour: readonly number[] | undefined,
): DayScores => {
  if (rowsByHour === undefined) return { scores, rows };
  if (rowsByHour.length !== HOURS)
    throw new InvalidRequestError(`rows by hour must be ${HOURS} counts, got ${rowsByHour.length}`);
  const total = rowsByHour.reduce((sum, count) => sum + count, 0);
  let at = -1;
  for (const { components } of columns) {
    for (const { byHour } of components) {
      at += 1;
      if (byHour === undefined || total === 0) continue;
      const expected = byHour.reduce((sum, score, hour) => sum + (score * (rowsByHour[hour] ?? 0)) / total, 0);
      scores[at] = (scores[at] as number) - expected;
    }
  }
  return { scores, rows };
};
