import { DAY_MS, utcDay } from '../../kernel/time.ts';
import type { DayKpi, VersionDrift } from '../reports/index.ts';
import { type NextStep, nextSteps } from './next-steps.ts';
import type { MeasuredValue } from './suite-facts.ts';
import type { TestSuiteReport } from './test-report.ts';

/** What a day's report is made from, as the reports of the day's other checks and the registry have it. */
export interface DailyFacts {
  readonly model: string;
  readonly day: string;
  readonly checkedAtMs: number;
  /** The definition's, of the daily check. */
  readonly schedule: string;
  readonly task: 'binary-classification' | 'regression';
  readonly version?: number | undefined;
  readonly tests: TestSuiteReport;
  readonly drift?: DailyDrift | undefined;
  readonly performance?: DailyPerformance | undefined;
  /** Newest first. */
  readonly rollouts: readonly DailyRollout[];
  readonly shadow?: DailyShadow | undefined;
  /** Newest first. */
  readonly runs: readonly DailyRun[];
  /** Versions that wait for a person. */
  readonly pending: readonly number[];
  /** Of the last report. */
  readonly history: readonly DayLine[];
}

interface DailyDrift {
  readonly status: string;
  readonly reason: string;
  readonly comparison: {
    readonly columns: readonly { readonly name: string; readonly psi?: number | undefined }[];
    readonly predictionPsi?: number | undefined;
  };
  readonly decision?: {
    readonly mode: 'calibrated' | 'floor';
    readonly statement: string;
    readonly evidence?: number | undefined;
    readonly episode?: { readonly since: string; readonly ended: boolean } | undefined;
    readonly findings: readonly DriftFinding[];
    readonly columns: readonly { readonly name: string; readonly share: number }[];
    readonly slices: readonly { readonly name: string; readonly share: number }[];
  };
  readonly limits: { readonly predictionPsiLimit: number };
  readonly profiles?: { readonly versions?: readonly VersionDrift[] | undefined } | undefined;
  readonly volume?: { readonly status: string; readonly reason: string; readonly rowCount: number } | undefined;
  readonly freshness?: { readonly status: string; readonly reasons: readonly string[] } | undefined;
}

interface DriftFinding {
  readonly column: string;
  readonly slice: string;
  readonly change: string;
  readonly effect: number;
}

interface DailyPerformance {
  readonly status: string;
  readonly reason: string;
  readonly window?:
    | { readonly fromDay: string; readonly throughDay: string; readonly labelledCount: number }
    | undefined;
  readonly quality: readonly {
    readonly slice: string;
    readonly version?: number | undefined;
    readonly rowCount: number;
    readonly metrics: Readonly<Partial<Record<string, MeasuredValue>>>;
  }[];
  readonly estimated?: { readonly metrics: Readonly<Partial<Record<string, MeasuredValue>>> } | undefined;
  readonly concept?: { readonly gap: MeasuredValue; readonly dayCount: number; readonly drifted: boolean } | undefined;
  readonly limits: readonly {
    readonly metric: string;
    readonly slice: string;
    readonly limit: number;
    readonly crossed: boolean;
  }[];
  readonly days: readonly {
    readonly day: string;
    readonly mature: boolean;
    readonly measured: Readonly<Partial<Record<string, MeasuredValue>>>;
    readonly estimated?: { readonly metrics: Readonly<Partial<Record<string, MeasuredValue>>> } | undefined;
    readonly versions: readonly {
      readonly version: number;
      readonly rowCount: number;
      readonly loss?: number | undefined;
    }[];
    readonly kpis?: readonly DayKpi[] | undefined;
  }[];
}

export interface DailyRollout {
  readonly rolloutId: string;
  readonly version: number;
  readonly previousVersion?: number | undefined;
  readonly status: string;
  readonly startedAtMs: number;
  readonly endedAtMs?: number | undefined;
  readonly reason?: string | undefined;
}

interface DailyShadow {
  readonly challenger: number;
  readonly champion: number;
  /** Oldest first; below 0 the challenger is better. */
  readonly days: readonly { readonly day: string; readonly rowCount: number; readonly meanDifference: number }[];
}

export interface DailyRun {
  readonly runId: string;
  readonly cause: string;
  readonly status: string;
  readonly startedAtMs: number;
  readonly outcome?: string | undefined;
  readonly version?: number | undefined;
}

/** One day of the past, for what a report draws over time. */
export interface DayLine {
  readonly day: string;
  /** Statistic ÷ limit; without a calibrated limit the PSI of the prediction ÷ its limit. */
  readonly evidence?: number;
  readonly rowCount?: number;
  readonly failCount: number;
}

/** Loss of a version's own answers in a week. */
interface VersionWeek {
  /** Its Monday. */
  readonly week: string;
  readonly version: number;
  readonly rowCount: number;
  readonly loss: number;
}

/** What goes on, of what is checked daily. */
export type OpenTrouble = 'drift' | 'quality' | 'tests';

/** A model's day, as `reports/<model>/daily/<day>.json` has it. */
export interface DailyReport extends Omit<DailyFacts, 'history'> {
  readonly schemaVersion: 1;
  readonly open: readonly OpenTrouble[];
  readonly next: readonly NextStep[];
  /** Oldest first, this day last. */
  readonly history: readonly DayLine[];
  readonly versionWeeks: readonly VersionWeek[];
}

const HISTORY_DAYS = 56;
const PERFORMANCE_DAYS = 56;

export const mondayOf = (day: string): string => {
  const atMs = Date.parse(`${day}T00:00:00Z`);
  return utcDay(atMs - ((new Date(atMs).getUTCDay() + 6) % 7) * DAY_MS);
};

/** Of a day on which too little came to say anything it is not told. */
const evidenceOf = ({ status, decision, comparison, limits }: DailyDrift): number | undefined => {
  if (status === 'not-enough-evidence') return undefined;
  if (decision?.evidence !== undefined) return decision.evidence;
  return comparison.predictionPsi === undefined ? undefined : comparison.predictionPsi / limits.predictionPsiLimit;
};

const lineOf = ({ day, drift, tests }: DailyFacts): DayLine => {
  const evidence = drift && evidenceOf(drift);
  const rowCount = drift?.volume?.rowCount;
  return {
    day,
    ...(evidence === undefined ? {} : { evidence }),
    ...(rowCount === undefined ? {} : { rowCount }),
    failCount: tests.failCount,
  };
};

const weeksOf = ({ days }: Pick<DailyPerformance, 'days'>): readonly VersionWeek[] => {
  const weeks = new Map<string, { week: string; version: number; rowCount: number; sum: number }>();
  for (const { day, versions } of days) {
    for (const { version, rowCount, loss } of versions) {
      if (loss === undefined || rowCount === 0) continue;
      const week = mondayOf(day);
      const key = `${week} ${version}`;
      const standing = weeks.get(key) ?? { week, version, rowCount: 0, sum: 0 };
      weeks.set(key, { ...standing, rowCount: standing.rowCount + rowCount, sum: standing.sum + loss * rowCount });
    }
  }
  return [...weeks.values()]
    .map(({ sum, ...week }) => ({ ...week, loss: sum / week.rowCount }))
    .toSorted((a, b) => (a.week === b.week ? a.version - b.version : a.week < b.week ? -1 : 1));
};

const openTroubles = ({ drift, performance, tests }: DailyFacts): readonly OpenTrouble[] => {
  const { episode } = drift?.decision ?? {};
  const drifts = episode === undefined ? drift?.status === 'above-limit' : !episode.ended;
  return [
    ...(drifts ? (['drift'] as const) : []),
    ...(performance?.status === 'degraded' ? (['quality'] as const) : []),
    ...(tests.status === 'fail' ? (['tests'] as const) : []),
  ];
};

/** Of other reports only what this one tells: they stand beside it. */
const driftPart = (drift: DailyDrift): DailyDrift => {
  const { status, reason, comparison, decision, limits, profiles, volume, freshness } = drift;
  return {
    status,
    reason,
    comparison: {
      columns: comparison.columns.map(({ name, psi }) => ({ name, psi })),
      predictionPsi: comparison.predictionPsi,
    },
    ...(decision === undefined ? {} : { decision }),
    limits: { predictionPsiLimit: limits.predictionPsiLimit },
    volume: volume && { status: volume.status, reason: volume.reason, rowCount: volume.rowCount },
    freshness: freshness && { status: freshness.status, reasons: freshness.reasons },
    ...(profiles?.versions === undefined ? {} : { profiles: { versions: profiles.versions } }),
  };
};

const performancePart = (performance: DailyPerformance): DailyPerformance => {
  const { status, reason, window, quality, estimated, concept, limits, days } = performance;
  return {
    status,
    reason,
    window,
    quality,
    estimated: estimated && { metrics: estimated.metrics },
    concept: concept && { gap: concept.gap, dayCount: concept.dayCount, drifted: concept.drifted },
    limits: limits.map(({ metric, slice, limit, crossed }) => ({ metric, slice, limit, crossed })),
    days: days.slice(-PERFORMANCE_DAYS).map(({ day, mature, measured, estimated: before, versions, kpis }) => ({
      day,
      mature,
      measured,
      estimated: before && { metrics: before.metrics },
      versions,
      kpis,
    })),
  };
};

/** From what is on record, and nothing else: the same records give the same report. */
export const makeDailyReport = (facts: DailyFacts): DailyReport => {
  const { history, performance, drift, ...kept } = facts;
  const open = openTroubles(facts);
  const earlier = history.filter(({ day }) => day < facts.day).slice(1 - HISTORY_DAYS);
  return {
    schemaVersion: 1,
    ...kept,
    ...(drift === undefined ? {} : { drift: driftPart(drift) }),
    ...(performance === undefined ? {} : { performance: performancePart(performance) }),
    open,
    next: nextSteps(facts, open),
    history: [...earlier, lineOf(facts)],
    versionWeeks: performance === undefined ? [] : weeksOf(performance),
  };
};
