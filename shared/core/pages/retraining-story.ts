import type { TrainingRun } from '../registry/index.ts';
import type { PredictionsSource } from '../retraining/index.ts';

/** Runs of a model with their causes, what was thought of each, and what the model's age costs. */
export interface RetrainingStory {
  /** Newest first. */
  readonly runs: readonly RetrainingRun[];
  readonly staleness?: StalenessCurve;
}

export interface RetrainingRun {
  readonly runId: string;
  readonly atMs: number;
  readonly status: TrainingRun['status'];
  readonly cause: string;
  readonly outcome?: string;
  readonly version?: number;
  /** Absent where nothing was estimated: only an alarm asks. */
  readonly worth?: RunWorth;
}

interface WorthInterval {
  readonly mean: number;
  readonly lower: number;
  readonly upper: number;
}

/** What a run's estimate says, as far as a page tells it. */
export interface RunWorth {
  readonly decision: 'retrain' | 'wait' | 'person';
  readonly reason: string;
  /** Absent where nobody knows it. */
  readonly costUsd?: number | undefined;
  readonly backTest?:
    | { readonly gain: WorthInterval; readonly days: readonly unknown[]; readonly betterDayCount: number }
    | undefined;
  readonly value?:
    | {
        readonly gainUsd: WorthInterval;
        readonly horizonDays: number;
        readonly predictionsPerDay: number;
        /** Absent in records from before it was told. */
        readonly predictionsFrom?: PredictionsSource | undefined;
      }
    | undefined;
}

export interface StalenessCurve {
  readonly points: readonly {
    readonly fromDays: number;
    readonly toDays: number;
    readonly addedLoss: number;
    readonly lower?: number | undefined;
    readonly upper?: number | undefined;
  }[];
  readonly paysFromDays?: number | undefined;
  readonly statement: string;
}

/** A cause in words. */
export const causeText = (cause: TrainingRun['cause']): string => {
  const text = (key: string): string => (typeof cause[key] === 'string' ? cause[key] : '');
  const kind = text('kind');
  // What CloudWatch says of an alarm is its datapoints: the name says more.
  const told = kind === 'alarm' ? text('alarmName') || text('reason') : text('reason');
  const more = told || text('scheduledAt') || text('key') || text('principal');
  return [kind === '' ? 'not on record' : kind, more].filter((part) => part !== '').join(': ');
};

export const retrainingStory = (
  runs: readonly TrainingRun[],
  worthOf: (runId: string) => RunWorth | undefined,
  staleness?: StalenessCurve,
): RetrainingStory => ({
  runs: runs.map(({ runId, startedAtMs, status, cause, outcome, version }) => {
    const worth = worthOf(runId);
    return {
      runId,
      atMs: startedAtMs,
      status,
      cause: causeText(cause),
      ...(outcome === undefined ? {} : { outcome }),
      ...(version === undefined ? {} : { version }),
      ...(worth === undefined ? {} : { worth }),
    };
  }),
  ...(staleness === undefined ? {} : { staleness }),
});
