import { DAY_MS, HOUR_MS } from '../../kernel/time.ts';
import { shortNumber } from '../reports/index.ts';
import type { SuiteFacts } from './suite-facts.ts';
import type { TestCheck } from './test-report.ts';
import { type TestSource, whole } from './test-value.ts';

/** Tests of traffic, age and the service itself. */

const endOfDayMs = (day: string): number => Date.parse(`${day}T00:00:00Z`) + DAY_MS;

/** As the drift report tells volumes: so many usual deviations, and never less than a twentieth. */
const MOST_DEVIATIONS = 4;
const LEAST_CHANGE = 0.05;

const rowCount: TestSource = {
  keys: whole('row-count'),
  unit: '× the rows expected',
  severity: 'medium',
  measure: (_, { volume }) => {
    if (volume === undefined) return { missing: 'the drift report says nothing of volume' };
    if (volume.expected === undefined || volume.expected <= 0) return { missing: volume.reason };
    return { measured: volume.rowCount / volume.expected, detail: [volume.reason] };
  },
  automatic: (_, { volume }) => {
    const { expected = 0, deviations = 0, rowCount: rows = 0 } = volume ?? {};
    if (volume === undefined || volume.status === 'unknown' || expected <= 0)
      return { missing: 'too few earlier days say what a day brings' };
    const away = Math.abs(Math.log(Math.max(rows, 0.5) / expected));
    // Nothing is known of the deviation on a day that is exactly as expected: any narrow range holds it.
    const deviation = deviations > 0 && away > 0 ? away / deviations : 0.1;
    const room = Math.max(LEAST_CHANGE, MOST_DEVIATIONS * deviation);
    const [atLeast, atMost] = [Math.exp(-room), Math.exp(room)];
    return {
      condition: { atLeast, atMost },
      from: 'reference',
      basis: `earlier days differ from what was expected of them by a factor of ${shortNumber(Math.exp(deviation))}; the range is ${MOST_DEVIATIONS} such deviations either way`,
    };
  },
};

const freshness: TestSource = {
  keys: whole('freshness-hours'),
  severity: 'medium',
  measure: (_, { freshness: facts, day }) => {
    if (facts?.lastPredictionAtMs === undefined) return { missing: 'no prediction was captured yet' };
    const measured = Math.max(0, endOfDayMs(day) - facts.lastPredictionAtMs) / HOUR_MS;
    return { measured, ...(facts.reasons.length === 0 ? {} : { detail: facts.reasons }) };
  },
  automatic: () => ({ condition: { atMost: 24 }, from: 'default', basis: 'a prediction on the day that is tested' }),
};

const skew: TestSource = {
  keys: ({ skew: facts }) => (facts === undefined ? [] : [{ check: 'skew' }]),
  severity: 'medium',
  measure: (_, { skew: facts }) => {
    if (facts === undefined) return { missing: 'the model has no feature views whose values could differ' };
    if (facts.comparedCount === 0) return { missing: 'no prediction by entity was captured on the day' };
    return { measured: facts.share, ...(facts.features.length === 0 ? {} : { detail: facts.features }) };
  },
  automatic: () => ({ condition: { atMost: 0 }, from: 'default', basis: 'served features are what training computes' }),
};

const ageDays = ({ training, day }: SuiteFacts): number | undefined =>
  training === undefined ? undefined : Math.max(0, endOfDayMs(day) - training.trainedThroughMs) / DAY_MS;

const staleness: TestSource = {
  keys: whole('staleness-days'),
  severity: 'low',
  measure: (_, facts) => {
    const measured = ageDays(facts);
    return measured === undefined ? { missing: 'no version is in service' } : { measured };
  },
  automatic: (_, { declared: { maxAgeDays }, paysFromDays }) => {
    if (maxAgeDays !== undefined)
      return { condition: { below: maxAgeDays }, from: 'declared', basis: 'retraining.maxAgeDays' };
    if (paysFromDays !== undefined)
      return {
        condition: { below: paysFromDays },
        from: 'training',
        basis: `by the newest back-test retraining pays from an age of ${shortNumber(paysFromDays)} days on`,
      };
    return { missing: 'neither retraining.maxAgeDays nor a staleness curve says from which age on it is too old' };
  },
};

const NOT_RECORDED = { missing: 'nothing is recorded of requests on the day' };
const UNDECLARED = { missing: 'nobody declared what it may be' };
/** Below, one failure is too large a share. */
const FEWEST_REQUESTS = 20;

const latency: TestSource = {
  keys: ({ service }) => (service?.latencyMsP99 === undefined ? [] : [{ check: 'latency-ms' }]),
  severity: 'low',
  measure: (_, { service }) =>
    service?.latencyMsP99 === undefined ? NOT_RECORDED : { measured: service.latencyMsP99 },
  automatic: () => UNDECLARED,
};

const errors: TestSource = {
  keys: ({ service }) => (service?.failureCount === undefined ? [] : [{ check: 'error-share' }]),
  severity: 'medium',
  measure: (_, { service }) => {
    if (service === undefined) return NOT_RECORDED;
    const { requestCount, failureCount } = service;
    if (failureCount === undefined) return { missing: 'requests that fail are recorded with `router: exact` only' };
    if (requestCount < FEWEST_REQUESTS) return { missing: `${requestCount} requests are too few to say` };
    return { measured: failureCount / requestCount, detail: [`${failureCount} of ${requestCount} requests`] };
  },
  automatic: () => ({ condition: { atMost: 0.01 }, from: 'default', basis: 'at most one request in a hundred fails' }),
};

export const SERVICE_TESTS = {
  'row-count': rowCount,
  'freshness-hours': freshness,
  skew,
  'staleness-days': staleness,
  'latency-ms': latency,
  'error-share': errors,
} satisfies Partial<Record<TestCheck, TestSource>>;
