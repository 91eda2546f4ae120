import { driftDefinitionOf } from '../../shared/contracts/drift-definition.ts';
import type { DriftReport } from '../../shared/contracts/drift-report.ts';
import type { ModelDefinition } from '../../shared/contracts/model-definition.ts';
import { checkDrift, type DayProfile } from '../../shared/core/drift/index.ts';
import {
  ALL_TRAFFIC,
  assessFreshness,
  assessVolume,
  compareWindow,
  type DayCount,
  type DaySummary,
  type DriftWindow,
  decideWindow,
  detectDrift,
  emptyTable,
  recountDays,
  type VersionReference,
} from '../../shared/core/monitoring/index.ts';
import { DAY_MS, utcDay } from '../../shared/kernel/time.ts';
import type { CheckState } from './drift-state.ts';
import type { GatheredWindow } from './gather-window.ts';

const rowsOf = ({ slices }: DaySummary): number => slices.get(ALL_TRAFFIC)?.rowCount ?? 0;

/** The window's days as the drift check takes them; the last one is there even without a row. */
const dayProfiles = ({ days, toMs }: DriftWindow, { plan }: VersionReference): readonly DayProfile[] => {
  const profiles = days.flatMap(({ day, slices, rowsByHour }): DayProfile[] => {
    const { [ALL_TRAFFIC]: profile, ...rest } = Object.fromEntries(slices);
    return profile === undefined ? [] : [{ day, profile, slices: rest, rowsByHour }];
  });
  const last = utcDay(toMs - 1);
  return profiles.at(-1)?.day === last ? profiles : [...profiles, { day: last, profile: emptyTable(plan.bins) }];
};

/** Every day of the window, those without a prediction too. */
const countDays = ({ days, fromMs, toMs }: DriftWindow): readonly DayCount[] => {
  const counts = new Map(days.map((day) => [day.day, rowsOf(day)]));
  return Array.from({ length: (toMs - fromMs) / DAY_MS }, (_, i) => {
    const day = utcDay(fromMs + i * DAY_MS);
    return { day, rowCount: counts.get(day) ?? 0 };
  });
};

const volumeOf = (
  days: readonly DayCount[],
  { last, expectAfter }: { readonly last: string; readonly expectAfter: string | undefined },
  { training }: VersionReference,
): DriftReport['volume'] =>
  assessVolume({
    expectAfter,
    day: last,
    rowCount: days.find(({ day }) => day === last)?.rowCount ?? 0,
    history: days.filter(({ day }) => day !== last),
    reference: (training?.days ?? []).map(({ day, profile }) => ({ day, rowCount: profile.rowCount })),
  });

/** With what the loss leans on, where an alarm could name columns by it. */
type CheckedWindow = GatheredWindow & { readonly importance?: Readonly<Record<string, number>> | undefined };

/** The checked day's report, and what the next check needs of it. */
export const checkWindow = (
  definition: ModelDefinition,
  { file, window, reference, calibration, importance }: CheckedWindow,
  earlier: CheckState,
): { readonly report: DriftReport; readonly state: CheckState } => {
  const { windowDays, minRows, predictionPsiLimit } = definition.monitors;
  const { counted, training } = reference;
  const floor = detectDrift({ reference: counted, window, limits: { windowDays, minRows, predictionPsiLimit } });
  const { falseAlarmsPerYear, smallestEffect } = driftDefinitionOf(definition);
  const checked =
    calibration &&
    checkDrift({
      calibration,
      days: dayProfiles(window, reference),
      state: earlier.drift,
      settings: {
        falseAlarmsPerYear,
        windowDays,
        smallestEffect,
        ...(importance === undefined ? {} : { importance }),
      },
    });
  const { metrics, ...decided } = decideWindow(floor, calibration && checked && { calibration, check: checked.check });
  const days = recountDays(earlier.days, countDays(window));
  const { toMs } = window;
  const { firstCheckDay } = earlier;
  const report: DriftReport = {
    ...floor,
    ...decided,
    metrics,
    schemaVersion: 2,
    model: file.model,
    version: file.version,
    ...(training && window.whole.rowCount > 0
      ? { profiles: compareWindow(training, counted, window, { minRows }) }
      : {}),
    volume: volumeOf(days, { last: utcDay(toMs - 1), expectAfter: firstCheckDay }, reference),
    freshness: assessFreshness(file.newest, { toMs, maxDataAgeHours: definition.checks.maxAgeHours }),
    versions: file.versions,
    duplicateCount: file.duplicateCount,
  };
  return {
    report,
    state: {
      schemaVersion: 1,
      ...(checked ? { drift: checked.state } : {}),
      days,
      ...(firstCheckDay === undefined ? {} : { firstCheckDay }),
    },
  };
};
