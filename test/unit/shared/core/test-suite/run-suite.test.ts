import { describe, expect, it } from 'vitest';
import {
  type DeclaredTest,
  type ReferenceLimits,
  referenceTestIds,
  runSuite,
  type SuiteFacts,
  type TestSuiteReport,
} from '../../../../../shared/core/test-suite/index.ts';

const LIMITS: ReferenceLimits = {
  limits: new Map([['prediction-drift', { atMost: 0.1, basis: 'the days of the reference' }]]),
  cleanDays: { passShare: 60 / 61, referenceDays: 60, statement: 'clean days pass' },
};
const NO_LIMITS: ReferenceLimits = { limits: new Map(), cleanDays: { referenceDays: 0, statement: 'no days' } };

const VALUES = new Map([
  ['drifted-feature-share', { value: 0.2, detail: ['distance (psi 0.3)'] }],
  ['prediction-drift', { value: 0.15, detail: [] }],
  ['missing-share', { value: 0, detail: [] }],
  ['missing-share/column distance', { value: 0.3, detail: [] }],
  ['schema-faults', { value: 1, detail: ['odd: unexpected column'] }],
]);

const facts = (changed: Partial<SuiteFacts> = {}): SuiteFacts => ({
  model: 'toy',
  version: 3,
  day: '2001-03-05',
  task: 'binary-classification',
  features: [{ name: 'distance', type: 'number' }],
  table: { values: VALUES },
  limits: LIMITS,
  declared: { minLabelShare: 0.05, maxLabelShare: 0.5, maxOutOfRangeShare: 0.01, predictionPsiLimit: 0.2 },
  ...changed,
});

const declare = (test: Partial<DeclaredTest> & Pick<DeclaredTest, 'check'>): DeclaredTest => ({
  severity: 'medium',
  retrain: false,
  ...test,
});

const run = (changed: Partial<SuiteFacts> = {}, declared: readonly DeclaredTest[] = [], before?: TestSuiteReport) => {
  const report = runSuite(facts(changed), declared, before);
  return { report, of: (id: string) => report.tests.find((test) => test.id === id) };
};

describe('a test suite', () => {
  it('holds what nobody declared to the reference, or to a default, and says which', () => {
    const { report, of } = run();

    expect(of('prediction-drift')).toMatchObject({
      status: 'fail',
      measured: 0.15,
      condition: { atMost: 0.1 },
      conditionFrom: 'reference',
      failingSince: '2001-03-05',
      reason: '0.15, must be at most 0.1',
    });
    expect(of('drifted-feature-share')).toMatchObject({ status: 'pass', conditionFrom: 'default' });
    expect(of('schema-faults')).toMatchObject({
      status: 'fail',
      severity: 'medium',
      detail: ['odd: unexpected column'],
    });
    expect(report).toMatchObject({ status: 'fail', failCount: 2, version: 3 });
    expect(report.tests.map(({ id }) => id).slice(0, 2)).toEqual(['schema-faults', 'prediction-drift']);
  });

  it('finds concept drift where the whole interval is above what matters, and only where it is worse', () => {
    const training = { holdout: { loss: 0.5 }, dayLosses: [], trainedThroughMs: 0 };
    const statusAt = (value: number, task: SuiteFacts['task'] = 'binary-classification') => {
      const gap = { value, lower: value - 0.01, upper: value + 0.01 };
      const performance = { quality: [], limits: [], concept: { gap, dayCount: 14 } };
      return run({ task, training, performance }).of('concept-drift');
    };

    expect(statusAt(0.03)).toMatchObject({ status: 'fail', severity: 'low', condition: { atMost: 0.01 } });
    expect(statusAt(0.015)).toMatchObject({ status: 'pass', measured: 0.015 });
    expect(statusAt(-0.2)).toMatchObject({ status: 'pass' });
    // The gap of a regression is in squared units, its loss is not.
    expect(statusAt(0.03, 'regression')).toMatchObject({ status: 'fail', condition: { atMost: 0.005 } });
    expect(run().of('concept-drift')).toBeUndefined();
    const declared = run({}, [declare({ check: 'concept-drift', atMost: 0.1 })]).of('concept-drift');
    expect(declared).toMatchObject({ status: 'skipped', reason: expect.stringContaining('too few labelled days') });
  });

  it('finds other labels than training had, either way, where the whole interval matters', () => {
    const statusAt = (value: number) => {
      const gap = { value, lower: value - 0.01, upper: value + 0.01 };
      const labelDrift = { gap, dayCount: 14, referenceMean: 0.2, floor: 0.04 };
      return run({ performance: { quality: [], limits: [], labelDrift } }).of('label-drift');
    };

    expect(statusAt(0.06)).toMatchObject({
      status: 'fail',
      severity: 'low',
      condition: { atLeast: -0.04, atMost: 0.04 },
    });
    expect(statusAt(-0.06)).toMatchObject({ status: 'fail' });
    expect(statusAt(0.045)).toMatchObject({ status: 'pass', measured: 0.045 });
    expect(statusAt(0.06)?.detail).toEqual(['labels are 0.26 on average of 14 days, 0.2 on the days held out']);
    expect(run().of('label-drift')).toBeUndefined();
  });

  it('skips what is not measured and what has no condition, and says why', () => {
    const { report, of } = run({ table: { missing: 'no rows on the day' }, limits: NO_LIMITS });

    expect(report.status).toBe('nothing tested');
    expect(of('schema-faults')).toMatchObject({ status: 'skipped', reason: 'not measured: no rows on the day' });
    expect(of('quality-decay')?.reason).toBe('not measured: no window has enough labels yet');
    expect(run({ limits: NO_LIMITS }).of('missing-share')?.reason).toBe(
      '0, not judged: nothing says what it may be: no days',
    );
  });

  it('judges nothing by a limit that could not be made, not by a default either', () => {
    const limits = { ...LIMITS, limits: new Map([['drifted-feature-share', { missing: 'its days are too uneven' }]]) };

    expect(run({ limits }).of('drifted-feature-share')?.reason).toBe('0.2, not judged: its days are too uneven');
    const declared = [declare({ check: 'drifted-feature-share', atMost: 0.1 })];
    expect(run({ limits }, declared).of('drifted-feature-share')?.status).toBe('fail');
  });

  it.each([
    [{ below: 0.15 }, 'fail'],
    [{ atMost: 0.15 }, 'pass'],
    [{ above: 0.15 }, 'fail'],
    [{ atLeast: 0.15 }, 'pass'],
    [{ between: [0.1, 0.14] }, 'fail'],
    [{ between: [0.1, 0.2] }, 'pass'],
    [{ above: 0.1, below: 0.2 }, 'pass'],
  ] as const)('holds 0.15 to the declared %j: %s', (bounds, status) => {
    const { of } = run({}, [declare({ check: 'prediction-drift', severity: 'high', retrain: true, ...bounds })]);

    expect(of('prediction-drift')).toMatchObject({
      status,
      conditionFrom: 'declared',
      severity: 'high',
      retrain: true,
    });
  });

  it('tests a column that is declared beside the worst of all, and what is off not at all', () => {
    const { of } = run({}, [
      declare({ check: 'missing-share', column: 'distance', atMost: 0.2 }),
      declare({ check: 'schema-faults', off: true }),
    ]);

    expect(of('missing-share/column distance')).toMatchObject({ status: 'fail', measured: 0.3 });
    expect(of('missing-share')).toBeDefined();
    expect(of('schema-faults')).toBeUndefined();
  });

  it('keeps the automatic condition of a declared test without a bound, with its severity', () => {
    const { of } = run({}, [declare({ check: 'prediction-drift', severity: 'high' })]);

    expect(of('prediction-drift')).toMatchObject({ conditionFrom: 'reference', severity: 'high', status: 'fail' });
  });

  it('says since when a test fails in a row', () => {
    const yesterday = runSuite(facts({ day: '2001-03-04' }), []);
    const passed = runSuite(facts({ day: '2001-03-04', table: { values: new Map() } }), []);

    expect(run({}, [], yesterday).of('schema-faults')?.failingSince).toBe('2001-03-04');
    expect(run({}, [], run({}, [], yesterday).report).of('schema-faults')?.failingSince).toBe('2001-03-04');
    expect(run({}, [], passed).of('schema-faults')?.failingSince).toBe('2001-03-05');
  });

  it('asks for limits of the reference only for what they would judge', () => {
    const ids = referenceTestIds([
      declare({ check: 'prediction-drift', atMost: 0.5 }),
      declare({ check: 'schema-faults', off: true }),
      declare({ check: 'feature-drift', column: 'distance' }),
      declare({ check: 'quality', metric: 'auc' }),
    ]);

    expect(ids).toContain('feature-drift/column distance');
    expect(ids).toContain('missing-share');
    expect(ids).not.toContain('prediction-drift');
    expect(ids).not.toContain('schema-faults');
    expect(ids).not.toContain('quality/auc');
  });
});

describe('tests of quality', () => {
  const performance: SuiteFacts['performance'] = {
    quality: [
      { slice: 'all', rowCount: 7_000, dayCount: 7, metrics: { logLoss: { value: 0.55, lower: 0.52, upper: 0.58 } } },
      { slice: 'all', version: 3, rowCount: 6_000, dayCount: 7, metrics: { logLoss: { value: 9 } } },
    ],
    estimated: { rowCount: 900, metrics: { logLoss: { value: 0.7, lower: 0.65, upper: 0.75 } } },
    limits: [
      {
        metric: 'logLoss',
        slice: 'all',
        source: 'reference',
        worse: 'above',
        limit: 0.53,
        value: { value: 0.55, lower: 0.52, upper: 0.58 },
        message: '',
      },
    ],
  };
  const training: SuiteFacts['training'] = {
    holdout: { loss: 0.5, auc: 0.7 },
    dayLosses: [0.49, 0.5, 0.51, 0.5, 0.49, 0.51, 0.5],
    trainingLoss: 0.48,
    trainedThroughMs: Date.UTC(2001, 1, 3),
  };

  it('fail only when the whole interval is beyond the limit', () => {
    expect(run({ performance }).of('quality/logLoss')).toMatchObject({ status: 'pass', interval: [0.52, 0.58] });
    const clear = { ...performance, limits: [{ ...performance.limits[0], limit: 0.51 }] } as SuiteFacts['performance'];
    expect(run({ performance: clear }).of('quality/logLoss')).toMatchObject({
      status: 'fail',
      conditionFrom: 'reference',
    });
  });

  it('compare the window with the rows held out, by what their days lead to expect', () => {
    const decay = run({ performance, training }).of('quality-decay');

    expect(decay?.measured).toBeCloseTo(0.1);
    expect(decay?.interval?.[0]).toBeCloseTo(0.04);
    // t(0.99, 6) · s · √(1/7 + 1/7) / 0.5, s = 0.00816497
    expect(decay?.condition?.atMost).toBeCloseTo((3.142668 * 0.00816497 * Math.sqrt(2 / 7)) / 0.5, 5);
    expect(decay).toMatchObject({ status: 'fail', conditionFrom: 'training' });
  });

  it('turn the sign of scores: a lower AUC is worse', () => {
    const lower: SuiteFacts['performance'] = {
      ...performance,
      quality: [{ slice: 'all', rowCount: 1, dayCount: 1, metrics: { auc: { value: 0.63, lower: 0.56, upper: 0.7 } } }],
    };
    const declared = [declare({ check: 'quality-decay', metric: 'auc', atMost: 0.05 })];

    const decay = run({ performance: lower, training }, declared).of('quality-decay/auc');

    expect(decay?.measured).toBeCloseTo(0.1);
    expect(decay?.interval?.map((bound) => Number(bound.toFixed(3)))).toEqual([0, 0.2]);
    expect(decay?.status).toBe('pass');
  });

  it('see overfitting, age and estimates before the labels', () => {
    const { of } = run({ performance, training, paysFromDays: 21 });

    expect(of('overfit')).toMatchObject({ status: 'pass', conditionFrom: 'default' });
    expect(of('staleness-days')).toMatchObject({ status: 'fail', measured: 31, conditionFrom: 'training' });
    expect(of('estimated-quality/logLoss')).toMatchObject({
      status: 'fail',
      measured: 0.7,
      condition: { atMost: 0.53 },
    });
  });
});

describe('tests of differences between groups', () => {
  type Performance = NonNullable<SuiteFacts['performance']>;
  const measured = (value: number) => ({ value, lower: value - 0.05, upper: value + 0.05 });
  const rate = (metric: string, least: number, most: number) => ({
    by: 'sex',
    metric,
    groups: [
      { group: 'm', value: measured(most) },
      { group: 'f', value: measured(least) },
    ],
    difference: measured(most - least),
  });
  const compared = (parity: number, odds: number, more: Partial<SuiteFacts> = {}): Partial<SuiteFacts> => ({
    declared: { ...facts().declared, groups: { by: ['sex'], minRows: 100 } },
    performance: {
      quality: [],
      limits: [],
      fairness: {
        rows: [
          rate('selectionRate', 0.3, 0.3 + parity),
          rate('truePositiveRate', 0.6, 0.6),
          rate('falsePositiveRate', 0.2, 0.2 + odds),
          rate('accuracy', 0.7, 0.78),
        ],
        summaries: [
          {
            by: 'sex',
            demographicParity: { difference: measured(parity) },
            equalizedOdds: { difference: measured(odds) },
          },
        ],
      },
    },
    ...more,
  });
  const PARITY = 'group-difference/demographicParity/by sex';
  const ODDS = 'group-difference/equalizedOdds/by sex';

  it('fail where the whole interval lies above what AI Fairness 360 calls fair, and name the groups', () => {
    const { report, of } = run(compared(0.14, 0.16));

    expect(of(PARITY)).toMatchObject({ status: 'pass', measured: 0.14, condition: { atMost: 0.1 } });
    expect(of(ODDS)).toMatchObject({
      status: 'fail',
      severity: 'medium',
      by: 'sex',
      metric: 'equalizedOdds',
      conditionFrom: 'default',
      basis: expect.stringMatching(/^AI Fairness 360 calls differences of up to 0.1 fair; /),
      reason: '0.16 (0.11 to 0.21), must be at most 0.1',
      detail: ['falsePositiveRate from f 0.2 to m 0.36, of 2 groups'],
    });
    expect(report.tests.filter(({ check }) => check === 'group-difference')).toHaveLength(2);
  });

  it('hold to what is declared, and compare a metric only where it is', () => {
    const { of } = run(compared(0.3, 0.2), [
      declare({ check: 'group-difference', by: 'sex', metric: 'demographicParity', atMost: 0.4, severity: 'high' }),
      declare({ check: 'group-difference', by: 'sex', metric: 'equalizedOdds', off: true }),
      declare({ check: 'group-difference', by: 'sex', metric: 'accuracy', atMost: 0.02 }),
    ]);

    expect(of(PARITY)).toMatchObject({ status: 'pass', severity: 'high', conditionFrom: 'declared' });
    expect(of(ODDS)).toBeUndefined();
    expect(of('group-difference/accuracy/by sex')).toMatchObject({ status: 'fail', measured: expect.closeTo(0.08) });
  });

  it('are skipped without a sensitive column, and without labels enough of two groups', () => {
    const { performance, declared = facts().declared } = compared(0.5, 0.5);
    const withFairness = (fairness: Performance['fairness']) => {
      const of: Performance = { quality: [], limits: [], ...(fairness === undefined ? {} : { fairness }) };
      return run({ declared, performance: of }).of(PARITY)?.reason;
    };
    const [summary] = performance?.fairness?.summaries ?? [];
    const alone = { rows: [], summaries: [{ by: 'sex', demographicParity: { difference: { value: 0 } } }] };

    expect(summary).toBeDefined();
    expect(run().of('group-difference')).toMatchObject({
      status: 'skipped',
      reason: 'not measured: no sensitive column is declared in monitors.performance.fairness',
    });
    expect(withFairness(undefined)).toBe('not measured: no window has labels yet');
    expect(withFairness(alone)).toBe(
      'not measured: fewer than two groups by sex have labels enough for it, 100 of each at least',
    );
    expect(withFairness({ rows: [], summaries: [] })).toContain('not measured: fewer than two groups');
  });

  it('judge the errors of a regression only where somebody says what they may differ by', () => {
    const errors = { rows: [rate('meanAbsoluteError', 2, 5)], summaries: [] };
    const regression = compared(0, 0, {
      task: 'regression',
      performance: { quality: [], limits: [], fairness: errors },
    });
    const ID = 'group-difference/meanAbsoluteError/by sex';

    expect(run(regression).of(ID)).toMatchObject({
      status: 'skipped',
      reason: '3 (2.95 to 3.05), not judged: nobody declared what it may be',
    });
    const declared = [declare({ check: 'group-difference', by: 'sex', metric: 'meanAbsoluteError', atMost: 2 })];
    expect(run(regression, declared).of(ID)).toMatchObject({ status: 'fail' });
    expect(run(regression).of(PARITY)).toBeUndefined();
  });
});

describe('tests of traffic', () => {
  const volume = (rowCount: number, deviations: number, expected = 17_000): SuiteFacts['volume'] => ({
    status: 'as expected',
    reason: `${rowCount} predictions`,
    rowCount,
    expected,
    deviations,
  });

  it('find a day with too few predictions, and one with too many', () => {
    expect(run({ volume: volume(14_696, 4.5) }).of('row-count')).toMatchObject({ status: 'fail' });
    expect(run({ volume: volume(16_696, 0.4) }).of('row-count')).toMatchObject({ status: 'pass' });
    expect(run({ volume: volume(34_000, 8) }).of('row-count')).toMatchObject({
      status: 'fail',
      measured: 2,
      reason: expect.stringMatching(/^2 × the rows expected, must be at least 0.707 and at most 1.41$/),
    });
    expect(run({ volume: volume(17_000, 0) }).of('row-count')).toMatchObject({ status: 'pass', measured: 1 });
    expect(run({ volume: volume(0, 12) }).of('row-count')).toMatchObject({ status: 'fail', measured: 0 });
  });

  it('find that predictions stopped', () => {
    const at = (lastPredictionAtMs: number) =>
      run({ freshness: { reasons: [], lastPredictionAtMs } }).of('freshness-hours');

    expect(at(Date.UTC(2001, 2, 5, 22))).toMatchObject({ status: 'pass', measured: 2 });
    expect(at(Date.UTC(2001, 2, 4, 12))).toMatchObject({ status: 'fail', measured: 36 });
  });

  it('judge errors by a default, from twenty requests on', () => {
    expect(run({ service: { requestCount: 10, failureCount: 10 } }).of('error-share')?.status).toBe('skipped');
    expect(run({ service: { requestCount: 1_000, failureCount: 11 } }).of('error-share')?.status).toBe('fail');
    expect(run({ service: { requestCount: 1_000, failureCount: 10 } }).of('error-share')?.status).toBe('pass');
    expect(run({ service: { requestCount: 1_000, latencyMsP99: 5 } }).of('error-share')).toBeUndefined();
  });
});
