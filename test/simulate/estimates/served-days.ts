import flightDelay from '../../../models/flight-delay/model.ts';
import { performanceSettingsOf } from '../../../shared/contracts/performance-definition.ts';
import {
  firstOpenDay,
  makePerformanceReference,
  makePerformanceReport,
  type OutcomeDay,
  type PerformanceReport,
} from '../../../shared/core/performance/index.ts';
import { histogram } from '../../../shared/core/statistics/histogram.ts';
import { populationStabilityIndex } from '../../../shared/core/statistics/population-stability-index.ts';
import { quantileEdges } from '../../../shared/core/statistics/quantile-edges.ts';
import { DAY_MS, HOUR_MS, utcDay } from '../../../shared/kernel/time.ts';
import type { ScoredFlights, ScoredRows } from './scored-flights.ts';

/** Version 1 in service from 1 February on, checked at six every morning with the labels that are in by then. */

const { monitors } = flightDelay;
const CHECK_HOUR = 6;

export interface CheckedDay {
  readonly day: string;
  /** Prediction PSI of the trailing window against the rows learnt from, and whether the drift alarm rings. */
  readonly predictionPsi: number;
  readonly driftAlarm: boolean;
  readonly report: PerformanceReport;
}

const outcomesByDay = ({
  eventAtMs,
  labels,
  labelKnownAtMs,
  predictions,
}: ScoredRows): ReadonlyMap<string, OutcomeDay> => {
  const days = new Map<string, OutcomeDay & { rows: OutcomeDay['rows'][number][] }>();
  for (let row = 0; row < labels.length; row += 1) {
    const atMs = eventAtMs[row] as number;
    const day = utcDay(atMs);
    const outcome = days.get(day) ?? { day, followedShare: 1, rows: [], strays: [] };
    days.set(day, outcome);
    const knownAtMs = labelKnownAtMs[row] as number;
    outcome.rows.push({
      predictionId: `${row}`,
      atMs,
      version: 1,
      output: predictions[row] as number,
      slices: [],
      groups: {},
      labels: [{ label: labels[row] as number, knownAtMs, receivedAtMs: knownAtMs }],
    });
  }
  return days;
};

/** As the drift check has it: the bins of the rows learnt from, and the trailing window's counts. */
const openPredictionDrift = (learnt: Float32Array, { eventAtMs, predictions }: ScoredRows) => {
  const edges = quantileEdges(learnt, 10);
  const reference = histogram(edges, learnt);
  const byDay = Map.groupBy(Array.from(predictions.keys()), (row) => Math.floor((eventAtMs[row] as number) / DAY_MS));
  const countsOf = new Map(
    [...byDay].map(([day, rows]) => [
      day,
      histogram(
        edges,
        rows.map((row) => predictions[row] as number),
      ),
    ]),
  );
  let above = 0;
  return (dayIndex: number): { readonly predictionPsi: number; readonly driftAlarm: boolean } => {
    const window = reference.map((_, bin) => {
      let count = 0;
      for (let day = dayIndex - monitors.windowDays + 1; day <= dayIndex; day += 1)
        count += countsOf.get(day)?.[bin] ?? 0;
      return count;
    });
    const predictionPsi = populationStabilityIndex(reference, window);
    above = predictionPsi > monitors.predictionPsiLimit ? above + 1 : 0;
    return { predictionPsi, driftAlarm: above >= monitors.alarmAfterChecks };
  };
};

/** Every morning's report, made by what the deployed step makes it by. */
export const checkServedDays = (flights: ScoredFlights, onProgress: (line: string) => void): readonly CheckedDay[] => {
  const settings = performanceSettingsOf(flightDelay);
  const reference = makePerformanceReference(flights.holdout, settings);
  const outcomes = outcomesByDay(flights.served);
  const drift = openPredictionDrift(flights.learnt, flights.served);
  const checked: CheckedDay[] = [];
  for (const day of [...outcomes.keys()].sort()) {
    const dayMs = Date.parse(day);
    const from = firstOpenDay(day, settings);
    const report = makePerformanceReport({
      model: flightDelay.name,
      version: 1,
      day,
      checkedAtMs: dayMs + DAY_MS + CHECK_HOUR * HOUR_MS,
      settings,
      outcomes: [...outcomes.values()].filter((one) => one.day >= from && one.day <= day),
      reference,
      previous: checked.at(-1)?.report,
    });
    checked.push({ day, ...drift(dayMs / DAY_MS), report });
    if (day.endsWith('-01')) onProgress(`checked until ${day}`);
  }
  return checked;
};
