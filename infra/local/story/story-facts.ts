import type { DailyComparison } from '../../../shared/core/evaluation/index.ts';
import { isoTime, utcDay } from '../../../shared/kernel/time.ts';
import type { MonthQuality, WeekRow } from './compare-versions.ts';
import type { AlarmFact, ExecutionFact } from './observer.ts';
import type { RolloutFact } from './platform.ts';

export interface Comparison {
  readonly first: string;
  readonly second: string;
  readonly weeks: readonly WeekRow[];
  readonly whole: DailyComparison;
}

/** Everything that the story found, as it happened. */
export interface StoryFacts {
  readonly complete: boolean;
  readonly wallSeconds: number;
  readonly peakRssMiB: number;
  readonly versions: readonly {
    readonly version: number;
    readonly trainedThroughMs: number;
    readonly months: readonly MonthQuality[];
  }[];
  readonly alarms: readonly AlarmFact[];
  readonly executions: readonly (ExecutionFact & { readonly cause?: unknown })[];
  readonly rollouts: readonly RolloutFact[];
  readonly predictions: number;
  readonly refusedPredictions: number;
  readonly labels: number;
  readonly comparison?: Comparison;
  readonly timeline: readonly { readonly atMs: number; readonly text: string }[];
  readonly problems: readonly string[];
}

/** The report that `--report` writes. */
export const reportOf = (facts: StoryFacts) => ({
  complete: facts.complete,
  problems: facts.problems,
  wallSeconds: facts.wallSeconds,
  peakRssMiB: facts.peakRssMiB,
  versions: facts.versions.map(({ version, trainedThroughMs, months }) => ({
    version,
    trainedThrough: isoTime(trainedThroughMs),
    auc: Object.fromEntries(months.map(({ month, auc }) => [month, auc])),
    logLoss: Object.fromEntries(months.map(({ month, logLoss }) => [month, logLoss])),
  })),
  alarms: facts.alarms.filter(({ to }) => to === 'ALARM').map(({ name, atMs }) => ({ name, at: isoTime(atMs) })),
  executions: facts.executions.map(({ workflow, cause, status, startedAtMs }) => ({
    workflow,
    cause: cause ?? null,
    status,
    at: isoTime(startedAtMs),
  })),
  rollouts: facts.rollouts.map(({ version, status, weights, startedAtMs, reason }) => ({
    version,
    outcome: status,
    weights,
    at: isoTime(startedAtMs),
    reason: reason ?? null,
  })),
  predictions: facts.predictions,
  refusedPredictions: facts.refusedPredictions,
  labels: facts.labels,
  comparison: facts.comparison ?? null,
  days: facts.timeline.map(({ atMs, text }) => ({ day: utcDay(atMs), text })),
});
