import type { Attempt } from './attempts.ts';

export type JobState = 'PLANNING' | 'SCORING' | 'FINISHED' | 'FAILED';

export interface Progress {
  readonly done: number;
  readonly total: number;
}

export interface JobReport {
  readonly state: JobState;
  /** Absent until the job is planned. */
  readonly parts?: Progress;
  readonly rows?: Progress;
  readonly attempts: number;
  /** Attempts that broke off, oldest first. */
  readonly failures: readonly Attempt[];
}

const stateOf = (isFinished: boolean, isPlanned: boolean, last: Attempt | undefined): JobState => {
  if (isFinished) return 'FINISHED';
  if (last !== undefined && last.status !== 'RUNNING' && last.status !== 'SUCCEEDED') return 'FAILED';
  return isPlanned ? 'SCORING' : 'PLANNING';
};

/**
 * How far a job has come.
 * @param plannedRows rows of each part, by its number; undefined until it is planned.
 * @param doneParts numbers of the parts whose output stands.
 */
export const describeJob = ({
  plannedRows,
  doneParts,
  isFinished,
  attempts,
}: {
  readonly plannedRows: readonly number[] | undefined;
  readonly doneParts: ReadonlySet<number>;
  readonly isFinished: boolean;
  readonly attempts: readonly Attempt[];
}): JobReport => {
  const failures = attempts.filter(({ status }) => status !== 'RUNNING' && status !== 'SUCCEEDED');
  const state = stateOf(isFinished, plannedRows !== undefined, attempts.at(-1));
  if (plannedRows === undefined) return { state, attempts: attempts.length, failures };
  const total = plannedRows.reduce((sum, rows) => sum + rows, 0);
  const done = plannedRows.reduce((sum, rows, part) => sum + (doneParts.has(part) ? rows : 0), 0);
  const partsDone = plannedRows.filter((_, part) => doneParts.has(part)).length;
  return {
    state,
    parts: { done: partsDone, total: plannedRows.length },
    rows: { done, total },
    attempts: attempts.length,
    failures,
  };
};
