import { FEWEST_RECONCILED } from '../../../shared/core/performance/estimate-quality.ts';
import type { EstimatedMetric, PerformanceReport } from '../../../shared/core/performance/index.ts';
import { DAY_MS } from '../../../shared/kernel/time.ts';
import { coverUnderShift, type ShiftCoverage } from './covariate-shift.ts';
import { scoreFlights } from './scored-flights.ts';
import { type CheckedDay, checkServedDays } from './served-days.ts';

export interface EstimatesOptions {
  readonly seed: string;
  readonly flightsPerDay: number;
  readonly windowCount: number;
  readonly onProgress: (line: string) => void;
}

export interface EstimatesClaim {
  readonly name: string;
  readonly measured: number;
  readonly from: number;
  readonly to: number;
  readonly holds: boolean;
}

export interface WeekRow {
  /** Monday. */
  readonly week: string;
  readonly dayCount: number;
  /** Means over the week's days. */
  readonly auc: WeekValues;
  readonly logLoss: WeekValues;
  /** Largest of the week's checks. */
  readonly predictionPsi: number;
  readonly driftAlarmDays: number;
  /** Checks that found quality degraded, and concept drift. */
  readonly degradedDays: number;
  readonly conceptDriftDays: number;
}

export interface WeekValues {
  readonly estimated: number;
  readonly actual: number;
  /** Days whose told interval held the actual value, of those that are reconciled. */
  readonly inside: number;
  readonly reconciled: number;
}

/** What was told of a day's metric in the morning, and what its labels came to. */
export interface ToldValue {
  readonly value: number;
  readonly lower: number;
  readonly upper: number;
  readonly actual: number;
  readonly inSampling: boolean;
  readonly inTold: boolean;
}

export interface ToldDay {
  readonly day: string;
  /** Whether enough days were reconciled before it to widen its interval by their errors. */
  readonly widened: boolean;
  readonly auc: ToldValue;
  readonly logLoss: ToldValue;
}

export interface EstimatesSimulation {
  readonly seed: string;
  readonly flightsPerDay: number;
  readonly claims: readonly EstimatesClaim[];
  readonly shifts: readonly ShiftCoverage[];
  readonly coverage: NonNullable<NonNullable<PerformanceReport['estimated']>['coverage']>;
  readonly weeks: readonly WeekRow[];
  /** Reconciled days, oldest first. */
  readonly days: readonly ToldDay[];
  /** The last report's quality by labels, as an example of what a report holds. */
  readonly lastReport: PerformanceReport;
  readonly wallSeconds: number;
}

/** Weights of origins and hours: from mild to four origins and hours making most of a window. */
const STRENGTHS = [0.25, 0.5, 1];
const CLAIMED_STRENGTH = 0.5;
/** The claim is of one strength; of the others a fifth as many windows show how it goes on. */
const OTHERS_SHARE = 5;
const MONDAY = 4;

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const weekOf = (day: string): string => {
  const index = Date.parse(day) / DAY_MS;
  return new Date((index - ((index - MONDAY + 7) % 7)) * DAY_MS).toISOString().slice(0, 10);
};

const weekValues = (days: PerformanceReport['days'], metric: EstimatedMetric): WeekValues => {
  const estimates = days.flatMap(({ estimated }) => estimated?.metrics[metric]?.value ?? []);
  const reconciled = days.flatMap((day) => day.reconciled?.[metric] ?? []);
  return {
    estimated: mean(estimates),
    actual: mean(reconciled.map(({ actual }) => actual)),
    inside: reconciled.filter(({ inTold }) => inTold).length,
    reconciled: reconciled.length,
  };
};

const weekRows = (checked: readonly CheckedDay[]): readonly WeekRow[] => {
  const days = new Map(everyDay(checked).map((day) => [day.day, day]));
  return [...Map.groupBy(checked, ({ day }) => weekOf(day))].map(([week, checks]) => {
    const some = checks.flatMap(({ day }) => days.get(day) ?? []);
    return {
      week,
      dayCount: checks.length,
      auc: weekValues(some, 'auc'),
      logLoss: weekValues(some, 'logLoss'),
      predictionPsi: Math.max(...checks.map(({ predictionPsi }) => predictionPsi)),
      driftAlarmDays: checks.filter(({ driftAlarm }) => driftAlarm).length,
      degradedDays: checks.filter(({ report }) => report.status === 'degraded').length,
      conceptDriftDays: checks.filter(({ report }) => report.concept?.drifted === true).length,
    };
  });
};

/** All of them as they were last told, which no single report has: it holds the newest 120. */
const everyDay = (checked: readonly CheckedDay[]): readonly PerformanceReport['days'][number][] => [
  ...new Map(checked.flatMap(({ report }) => report.days.map((day) => [day.day, day] as const))).values(),
];

const isWidened = ({ estimated }: PerformanceReport['days'][number]): boolean =>
  (estimated?.reconciledCount ?? 0) >= FEWEST_RECONCILED;

const toldValue = (
  { estimated, reconciled }: PerformanceReport['days'][number],
  metric: 'auc' | 'logLoss',
): ToldValue | undefined => {
  const [told, found] = [estimated?.metrics[metric], reconciled?.[metric]];
  if (told === undefined || found === undefined) return undefined;
  const { value, lower = told.samplingLower, upper = told.samplingUpper } = told;
  const { actual, inSampling, inTold } = found;
  return { value, lower, upper, actual, inSampling, inTold };
};

const toldDays = (checked: readonly CheckedDay[]): readonly ToldDay[] =>
  everyDay(checked)
    .flatMap((day) => {
      const [auc, logLoss] = [toldValue(day, 'auc'), toldValue(day, 'logLoss')];
      return auc === undefined || logLoss === undefined
        ? []
        : [{ day: day.day, widened: isWidened(day), auc, logLoss }];
    })
    .toSorted((one, other) => (one.day < other.day ? -1 : 1));

const coverageOfAll = (checked: readonly CheckedDay[]) => {
  const days = everyDay(checked);
  const of = (metric: EstimatedMetric) => {
    const reconciled = days.flatMap((day) => {
      const found = day.reconciled?.[metric];
      return found === undefined ? [] : [{ ...found, widened: isWidened(day) }];
    });
    const widened = reconciled.filter((one) => one.widened);
    return {
      dayCount: reconciled.length,
      sampling: mean(reconciled.map(({ inSampling }) => (inSampling ? 1 : 0))),
      widened: mean(widened.map(({ inTold }) => (inTold ? 1 : 0))),
      widenedDayCount: widened.length,
    };
  };
  return { auc: of('auc'), logLoss: of('logLoss'), brier: of('brier'), f1: of('f1') };
};

const claim = (name: string, measured: number, from: number, to: number): EstimatesClaim => ({
  name,
  measured,
  from,
  to,
  holds: measured >= from && measured <= to,
});

/** Estimates before labels, held to the labels: under a shift that is only of inputs, and on half a year of real days. */
export const simulateEstimates = async (options: EstimatesOptions): Promise<EstimatesSimulation> => {
  const { seed, flightsPerDay, windowCount, onProgress } = options;
  const startedAt = performance.now();
  const flights = await scoreFlights(flightsPerDay, onProgress);
  onProgress(`drawing ${windowCount} windows from the hold-out`);
  const shifts = STRENGTHS.map((strength) => {
    const ofOthers = Math.ceil(windowCount / OTHERS_SHARE);
    return coverUnderShift(flights.holdout, {
      strength,
      windowCount: strength === CLAIMED_STRENGTH ? windowCount : ofOthers,
      seed,
    });
  });
  onProgress('checking every day of service');
  const checked = checkServedDays(flights, onProgress);
  const coverage = coverageOfAll(checked);
  const shifted = shifts.find(({ strength }) => strength === CLAIMED_STRENGTH);
  const last = checked.at(-1);
  if (shifted === undefined || last === undefined)
    throw new Error('there is a shift of every strength, and a last day');
  return {
    seed,
    flightsPerDay,
    claims: [
      claim('pure covariate shift: AUC inside the sampling interval', shifted.aucInside, 0.9, 1),
      claim('real days, AUC: inside the sampling interval', coverage.auc.sampling, 0.3, 0.8),
      claim('real days, AUC: inside the widened interval', coverage.auc.widened, 0.85, 1),
      claim('real days, log loss: inside the widened interval', coverage.logLoss.widened, 0.85, 1),
    ],
    shifts,
    coverage,
    weeks: weekRows(checked),
    days: toldDays(checked),
    lastReport: last.report,
    wallSeconds: Math.round((performance.now() - startedAt) / 100) / 10,
  };
};
