import { DAY_MS, HOUR_MS, isoTime } from '../../kernel/time.ts';
import { labelDelay } from './label-delay.ts';
import type { OutcomeDay } from './outcome-book.ts';
import type { LabelState } from './performance-report.ts';
import type { PerformanceSettings } from './performance-settings.ts';
import { labelCorrections, type SettledDay } from './settled-day.ts';

/** Corrections that a report tells in full. */
const MOST_CORRECTIONS = 50;

/** How labels met predictions, over the days that are loaded. */
export const labelState = (
  outcomes: readonly OutcomeDay[],
  settled: readonly SettledDay[],
  { asOfMs, settings }: { readonly asOfMs: number; readonly settings: PerformanceSettings },
): LabelState => {
  const { horizonDays, matureShare, orphanAfterHours } = settings;
  const rows = settled.flatMap((day) => day.rows);
  const awaited = rows.map((row) => ({ atMs: row.atMs, labelledAtMs: row.settled.firstAtMs }));
  const corrections = labelCorrections(settled);
  const strays = outcomes.flatMap((day) => day.strays).filter(({ receivedAtMs }) => receivedAtMs <= asOfMs);
  const orphanCount = strays.filter(({ receivedAtMs }) => asOfMs - receivedAtMs >= orphanAfterHours * HOUR_MS).length;
  const sum = (of: (row: (typeof rows)[number]) => number): number => rows.reduce((total, row) => total + of(row), 0);
  const lastKnownAtMs = rows.reduce((last, { settled: { label } }) => Math.max(last, label?.knownAtMs ?? 0), 0);
  return {
    delay: labelDelay(awaited, { asOfMs, horizonHours: (horizonDays * DAY_MS) / HOUR_MS, matureShare }),
    repeatedCount: sum((row) => row.settled.repeatedCount),
    correctionCount: corrections.length,
    corrections: corrections.slice(0, MOST_CORRECTIONS),
    pendingCount: strays.length - orphanCount,
    orphanCount,
    orphanAfterHours,
    tooLateCount: sum((row) => row.settled.tooLateCount),
    horizonDays,
    sampledShare: outcomes.reduce((least, { followedShare }) => Math.min(least, followedShare), 1),
    ...(lastKnownAtMs === 0 ? {} : { lastKnownAt: isoTime(lastKnownAtMs) }),
  };
};
