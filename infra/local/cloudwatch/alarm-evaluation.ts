import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../shared/kernel/time.ts';
import { type AlarmStateValue, COMPARISONS, isMultiDay, type MetricAlarmSettings, periodSecondsOf } from './alarm.ts';
import type { TimeSeries } from './metric-math.ts';
import type { Range } from './metric-query.ts';

/**
 * When an alarm rings, as CloudWatch documents it ("Configuring how CloudWatch alarms treat missing data"). Periods
 * are aligned to multiples of their length in UTC. The running period counts with what it has; while it has nothing,
 * it is not missing either.
 */

export interface Point {
  readonly startMs: number;
  readonly value: number | undefined;
}

export interface Evaluation {
  /** `retain`: the state stays what it is. */
  readonly state: AlarmStateValue | 'retain';
  /** What was compared, newest first; filled points have no value. */
  readonly points: readonly Point[];
}

/**
 * Completed periods looked at beyond the running one. With short periods one more than needed, so that an earlier
 * point stands in for one that is late.
 */
const completedPeriods = (alarm: MetricAlarmSettings): number =>
  alarm.evaluationPeriods + (periodSecondsOf(alarm) < 3600 ? 1 : 0);

export const evaluationRange = (alarm: MetricAlarmSettings, nowMs: number): Range => {
  const periodMs = periodSecondsOf(alarm) * SECOND_MS;
  const runningMs = Math.floor(nowMs / periodMs) * periodMs;
  return { startMs: runningMs - completedPeriods(alarm) * periodMs, endMs: runningMs + 1 };
};

const pointsOf = (alarm: MetricAlarmSettings, series: TimeSeries, nowMs: number): readonly Point[] => {
  const periodMs = periodSecondsOf(alarm) * SECOND_MS;
  const { startMs, endMs } = evaluationRange(alarm, nowMs);
  const points: Point[] = [];
  for (let atMs = endMs - 1; atMs >= startMs; atMs -= periodMs) points.push({ startMs: atMs, value: series.get(atMs) });
  return points[0]?.value === undefined ? points.slice(1) : points;
};

interface Counted {
  readonly breaching: number;
  readonly present: number;
  readonly filled: number;
}

const stateOfMissing = (
  alarm: MetricAlarmSettings,
  { breaching, present, filled }: Counted,
  oldBreach: boolean,
): Evaluation['state'] => {
  const { datapointsToAlarm } = alarm;
  if (breaching >= datapointsToAlarm) return 'ALARM';
  switch (alarm.treatMissingData) {
    case 'breaching':
      return breaching + filled >= datapointsToAlarm ? 'ALARM' : 'OK';
    case 'notBreaching':
      return 'OK';
    case 'ignore':
      return present > breaching ? 'OK' : 'retain';
    case 'missing':
      if (present === 0) return 'INSUFFICIENT_DATA';
      if (present > breaching) return 'OK';
      return oldBreach ? 'ALARM' : 'retain';
  }
};

/** Pure: `series` holds what the alarm's query gave over `evaluationRange`. */
export const evaluateAlarm = (alarm: MetricAlarmSettings, series: TimeSeries, nowMs: number): Evaluation => {
  const { holds } = COMPARISONS[alarm.comparison];
  const breaches = (point: Point): boolean => point.value !== undefined && holds(point.value, alarm.threshold);
  const points = pointsOf(alarm, series, nowMs);
  const present = points.filter((point) => point.value !== undefined);
  const used = present.slice(0, alarm.evaluationPeriods);
  const breaching = used.filter(breaches).length;
  if (present.length >= alarm.evaluationPeriods) {
    return { state: breaching >= alarm.datapointsToAlarm ? 'ALARM' : 'OK', points: used };
  }
  // A breach that is old enough, with nothing but breaches and gaps after it, rings although points are missing.
  const oldestBreach = points.slice(0, alarm.evaluationPeriods).findLastIndex(breaches);
  const filled = alarm.evaluationPeriods - present.length;
  return {
    state: stateOfMissing(
      alarm,
      { breaching, present: present.length, filled },
      oldestBreach + 1 >= alarm.datapointsToAlarm,
    ),
    points: present.length === 0 ? points.slice(0, alarm.evaluationPeriods) : used,
  };
};

const ceilTo = (atMs: number, stepMs: number): number => Math.ceil(atMs / stepMs) * stepMs;

/** When new data is looked at: on the next full minute, or the next full hour for windows beyond a day. */
export const nextLookMs = (alarm: MetricAlarmSettings, nowMs: number): number =>
  ceilTo(nowMs, isMultiDay(alarm) ? HOUR_MS : MINUTE_MS);

/**
 * The first period boundary at which the state would change if no more data came; undefined when it would not. Beyond
 * the range's length nothing can change any more, so an idle alarm asks for no time at all.
 */
export const nextChangeMs = (
  alarm: MetricAlarmSettings,
  currentState: AlarmStateValue,
  nowMs: number,
  read: (range: Range) => TimeSeries,
): number | undefined => {
  const periodMs = periodSecondsOf(alarm) * SECOND_MS;
  const steps = completedPeriods(alarm) + 2;
  for (let step = 1; step <= steps; step += 1) {
    const boundaryMs = (Math.floor(nowMs / periodMs) + step) * periodMs;
    const { state } = evaluateAlarm(alarm, read(evaluationRange(alarm, boundaryMs)), boundaryMs);
    if (state !== 'retain' && state !== currentState) return nextLookMs(alarm, boundaryMs);
  }
  return undefined;
};
