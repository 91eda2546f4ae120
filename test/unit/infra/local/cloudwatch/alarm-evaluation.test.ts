import { describe, expect, it } from 'vitest';
import type { MetricAlarmSettings, TreatMissingData } from '../../../../../infra/local/cloudwatch/alarm.ts';
import { evaluateAlarm, nextChangeMs } from '../../../../../infra/local/cloudwatch/alarm-evaluation.ts';

const MINUTE_MS = 60_000;
const NOW_MS = Date.UTC(2001, 0, 1, 12, 0, 30);

const alarm = (overrides: Partial<MetricAlarmSettings> = {}, periodSeconds = 60): MetricAlarmSettings => ({
  kind: 'metric',
  name: 'a',
  actions: { actionsEnabled: true, okActions: [], alarmActions: [], insufficientDataActions: [] },
  queries: [
    {
      id: 'm1',
      returnData: true,
      metricStat: { namespace: 'n', name: 'm', dimensions: {}, statistic: 'Average', periodSeconds },
    },
  ],
  usesMetrics: false,
  evaluationPeriods: 3,
  datapointsToAlarm: 3,
  threshold: 1,
  comparison: 'GreaterThanThreshold',
  treatMissingData: 'missing',
  ...overrides,
});

/** Points of consecutive periods as AWS's tables write them, the last one being the running period. */
const series = (text: string, periodMs = MINUTE_MS) => {
  const points = text.split(' ').reverse();
  const runningMs = Math.floor(NOW_MS / periodMs) * periodMs;
  return new Map(
    points.flatMap((point, age) =>
      point === '-' ? [] : [[runningMs - age * periodMs, point === 'X' ? 2 : 0] as const],
    ),
  );
};

const TREATMENTS: readonly TreatMissingData[] = ['missing', 'ignore', 'breaching', 'notBreaching'];

describe("an alarm with gaps in its data, by the tables of AWS's documentation", () => {
  it.each<[points: string, m: number, expected: readonly string[]]>([
    ['0 - X - X', 3, ['OK', 'OK', 'OK', 'OK']],
    ['0 X X - X', 3, ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['- - - - 0', 3, ['OK', 'OK', 'OK', 'OK']],
    ['0 - X - X', 2, ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['0 0 X 0 X', 2, ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['- - - - 0', 2, ['OK', 'OK', 'ALARM', 'OK']],
  ])('%s, %d of 3', (points, datapointsToAlarm, expected) => {
    const states = TREATMENTS.map((treatMissingData) => {
      const configured = alarm({ datapointsToAlarm, treatMissingData });
      return evaluateAlarm(configured, series(points), NOW_MS).state;
    });

    expect(states).toEqual(expected);
  });

  // Here the newest period has ended without data, so the running one stands one further on.
  it.each<[points: string, m: number, expected: readonly string[]]>([
    ['- - - - -', 3, ['INSUFFICIENT_DATA', 'retain', 'ALARM', 'OK']],
    ['- X - - -', 3, ['ALARM', 'retain', 'ALARM', 'OK']],
    ['- - X - -', 2, ['ALARM', 'retain', 'ALARM', 'OK']],
    ['- - - X -', 3, ['retain', 'retain', 'ALARM', 'OK']],
    ['0 X - - -', 2, ['OK', 'OK', 'ALARM', 'OK']],
  ])('%s, %d of 3', (points, datapointsToAlarm, expected) => {
    const states = TREATMENTS.map((treatMissingData) => {
      const configured = alarm({ datapointsToAlarm, treatMissingData });
      return evaluateAlarm(configured, series(points), NOW_MS).state;
    });

    expect(states).toEqual(expected);
  });
});

describe('a daily alarm', () => {
  const DAY_MS = 86_400_000;
  const daily = (overrides: Partial<MetricAlarmSettings>) =>
    alarm({ evaluationPeriods: 2, datapointsToAlarm: 2, treatMissingData: 'ignore', ...overrides }, 86_400);

  it('rings at the second day above the limit, as soon as the running day has its value', () => {
    expect(evaluateAlarm(daily({}), series('0 0 X', DAY_MS), NOW_MS).state).toBe('OK');
    expect(evaluateAlarm(daily({}), series('0 X X', DAY_MS), NOW_MS).state).toBe('ALARM');
    expect(evaluateAlarm(daily({}), series('X X -', DAY_MS), NOW_MS).state).toBe('ALARM');
  });

  it('misses a heartbeat only when a whole day has passed without it', () => {
    const heartbeat = daily({
      evaluationPeriods: 1,
      datapointsToAlarm: 1,
      treatMissingData: 'breaching',
      comparison: 'LessThanThreshold',
    });

    expect(evaluateAlarm(heartbeat, series('X -', DAY_MS), NOW_MS).state).toBe('OK');
    expect(evaluateAlarm(heartbeat, series('X - -', DAY_MS), NOW_MS).state).toBe('ALARM');
  });
});

describe('the next instant at which an alarm could change by time alone', () => {
  it('is the boundary at which a gap completes', () => {
    const configured = alarm({ evaluationPeriods: 1, datapointsToAlarm: 1, treatMissingData: 'notBreaching' });
    const atMs = nextChangeMs(configured, 'ALARM', NOW_MS, () => series('X'));

    // The range of a one-minute alarm holds two completed periods: the breach leaves it after those.
    expect(new Date(atMs ?? 0).toISOString()).toBe('2001-01-01T12:03:00.000Z');
  });

  it('does not exist for an alarm without data', () => {
    expect(nextChangeMs(alarm(), 'INSUFFICIENT_DATA', NOW_MS, () => new Map())).toBeUndefined();
    expect(nextChangeMs(alarm({ treatMissingData: 'ignore' }), 'ALARM', NOW_MS, () => series('X X X'))).toBeUndefined();
  });
});
