import { InvalidRequestError } from '../../kernel/errors.ts';
import { DAY_MS, isoTime } from '../../kernel/time.ts';
import type { FeatureSpec } from './feature-spec.ts';
import { sqlName, sqlNumber, sqlText } from './sql-text.ts';

/** Gives one row `{rowCount, oldestEventAtMs, newestEventAtMs}` of the table `feature_rows`. */
export const eventSpanSql = (): string =>
  'SELECT count(*) AS "rowCount", min(event_at_ms) AS "oldestEventAtMs", max(event_at_ms) AS "newestEventAtMs" FROM feature_rows';

/** The bounds of event time that divide the labelled rows; every bound is the start of a UTC day, or the as-of time. */
export interface TrainingSplit {
  /** First instant trained on: after the warm-up, and within `trainingDays` if given. */
  readonly fromMs: number;
  /** The candidate learns from events before this, with labels that were known by then. */
  readonly holdoutFromMs: number;
  /** The holdout ends here: the last whole UTC day. Later rows are trained on in the refit only. */
  readonly holdoutToMs: number;
  readonly asOfMs: number;
}

const dayStart = (atMs: number): number => Math.floor(atMs / DAY_MS) * DAY_MS;

/**
 * Divides the rows by time. The holdout is the newest `holdoutDays` whole UTC days that have labelled rows; a day that
 * is not over yet is left out of it, because its known labels are those that came fast.
 * @throws InvalidRequestError when nothing lies before the holdout.
 */
export const planTrainingSplit = ({
  oldestEventAtMs,
  newestEventAtMs,
  warmUpDays,
  trainingDays,
  holdoutDays,
  asOfMs,
}: {
  readonly oldestEventAtMs: number;
  readonly newestEventAtMs: number;
  readonly warmUpDays: number;
  readonly trainingDays?: number | undefined;
  readonly holdoutDays: number;
  readonly asOfMs: number;
}): TrainingSplit => {
  const newestDayEndMs = dayStart(newestEventAtMs) + DAY_MS;
  const holdoutToMs = newestDayEndMs <= asOfMs ? newestDayEndMs : newestDayEndMs - DAY_MS;
  const holdoutFromMs = holdoutToMs - holdoutDays * DAY_MS;
  const warmFromMs = dayStart(oldestEventAtMs) + warmUpDays * DAY_MS;
  const fromMs = trainingDays === undefined ? warmFromMs : Math.max(warmFromMs, newestDayEndMs - trainingDays * DAY_MS);
  if (fromMs >= holdoutFromMs) {
    throw new InvalidRequestError(
      `training needs rows before the holdout: the ${holdoutDays} holdout days begin ${isoTime(holdoutFromMs)}, ` +
        `rows may be used from ${isoTime(fromMs)} (oldest ${isoTime(oldestEventAtMs)}, newest ` +
        `${isoTime(newestEventAtMs)}, ${warmUpDays} days of warm-up)`,
    );
  }
  return { fromMs, holdoutFromMs, holdoutToMs, asOfMs };
};

export type TrainingPart = 'train' | 'holdout' | 'all';

/** The condition that picks a part's rows of `feature_rows`. */
export const partCondition = (part: TrainingPart, split: TrainingSplit): string => {
  const from = `event_at_ms >= ${sqlNumber(split.fromMs)}`;
  const holdoutFrom = sqlNumber(split.holdoutFromMs);
  if (part === 'all') return from;
  if (part === 'holdout') return `event_at_ms >= ${holdoutFrom} AND event_at_ms < ${sqlNumber(split.holdoutToMs)}`;
  // A label that became known during the holdout would tell the candidate about days it is judged on.
  return `${from} AND event_at_ms < ${holdoutFrom} AND label_known_at_ms <= ${holdoutFrom}`;
};

/**
 * Writes a part as Parquet: at most `maxRows` rows, drawn by MD5 of `row_key` (the same rows every time, on every
 * machine and version, whatever else is in the table), ordered by event time and key.
 */
export const writePartSql = ({
  part,
  split,
  features,
  maxRows,
  file,
}: {
  readonly part: TrainingPart;
  readonly split: TrainingSplit;
  readonly features: readonly FeatureSpec[];
  readonly maxRows: number;
  readonly file: string;
}): string => {
  const columns = ['row_key', 'event_at_ms', ...features.map(({ name }) => name), 'label', 'label_known_at_ms'];
  return `COPY (
SELECT ${columns.map(sqlName).join(', ')} FROM (
  SELECT * FROM feature_rows WHERE ${partCondition(part, split)}
  ORDER BY md5_number_lower(row_key), row_key LIMIT ${sqlNumber(maxRows)}
) ORDER BY event_at_ms, row_key
) TO ${sqlText(file)} (FORMAT parquet, COMPRESSION zstd)`;
};
