import { describe, expect, it } from 'vitest';
import {
  type DailyFacts,
  makeDailyReport,
  renderDailyReport,
  type TestResult,
  type TestSuiteReport,
} from '../../../../../shared/core/test-suite/index.ts';
import { deadLinks } from '../../../../helpers/dead-links.ts';

const suite = (change: Partial<TestSuiteReport> = {}): TestSuiteReport => ({
  schemaVersion: 1,
  model: 'toy',
  version: 1,
  day: '2001-02-04',
  status: 'pass',
  passCount: 1,
  failCount: 0,
  skippedCount: 0,
  cleanDays: { referenceDays: 0, statement: 'no days' },
  tests: [],
  ...change,
});

const drift = (change: Partial<NonNullable<DailyFacts['drift']>> = {}): NonNullable<DailyFacts['drift']> => ({
  status: 'within-limit',
  reason: 'as the reference',
  comparison: { columns: [], predictionPsi: 0.3 },
  limits: { predictionPsiLimit: 0.2 },
  ...change,
});

const day = { day: '2001-02-03', mature: true, measured: {}, versions: [] };

const performance = (
  change: Partial<NonNullable<DailyFacts['performance']>> = {},
): NonNullable<DailyFacts['performance']> => ({
  status: 'not enough labels',
  reason: 'not enough labels yet: 12 on mature days of at least 3000',
  quality: [],
  limits: [],
  days: [day],
  ...change,
});

const facts = (change: Partial<DailyFacts> = {}): DailyFacts => ({
  model: 'toy',
  day: '2001-02-04',
  checkedAtMs: 0,
  schedule: 'rate(1 day)',
  task: 'binary-classification',
  tests: suite(),
  rollouts: [],
  runs: [],
  pending: [],
  history: [],
  ...change,
});

const next = (change: Partial<DailyFacts>): readonly string[] =>
  makeDailyReport(facts(change)).next.map(({ what, command = '' }) => `${what} ${command}`);

describe('what a daily report advises', () => {
  it('asks for labels where no day has any, and not where they come, nor where nothing was asked', () => {
    const window = { fromDay: '2001-02-03', throughDay: '2001-02-03', labelledCount: 12 };

    expect(next({ performance: performance() })).toEqual([expect.stringMatching(/^no day has its labels/)]);
    expect(next({ performance: performance({ window }) })).toEqual([expect.stringMatching(/^nothing:/)]);
    expect(next({ tests: suite({ status: 'nothing tested' }), performance: performance({ days: [] }) })).toEqual([
      expect.stringMatching(/^no prediction was captured.* npx millrace logs toy$/),
    ]);
  });

  it('names what differs most where it drifts, also where the floor decides', () => {
    const comparison = {
      predictionPsi: 0.3,
      columns: ['a', 'b', 'c'].map((name, at) => ({ name, psi: 0.15 + 0.1 * at })),
    };

    expect(next({ drift: drift({ status: 'above-limit', comparison }) })[0]).toMatch(
      /^its window drifts, most in c, b: /,
    );
  });

  it('tells where labels part from the inputs, and how to train', () => {
    const failed: TestResult = {
      id: 'concept-drift',
      check: 'concept-drift',
      status: 'fail',
      severity: 'low',
      retrain: false,
      reason: '0.2, must be at most 0.01',
    };

    expect(next({ tests: suite({ status: 'fail', failCount: 1, tests: [failed] }) })).toEqual([
      expect.stringMatching(/^concept-drift: labels part from .* npx millrace train toy$/),
    ]);
  });
});

describe('a daily report', () => {
  it('draws no evidence of a day on which too little came to say anything', () => {
    const evidenceOf = (status: string) => makeDailyReport(facts({ drift: drift({ status }) })).history[0]?.evidence;

    expect(evidenceOf('within-limit')).toBeCloseTo(1.5);
    expect(evidenceOf('not-enough-evidence')).toBeUndefined();
  });

  it('tells what failed as a sentence with its numbers, and of the rest why behind a click', () => {
    const failed: TestResult = {
      id: 'missing-share',
      check: 'missing-share',
      status: 'fail',
      severity: 'low',
      retrain: false,
      measured: 0.3,
      condition: { atMost: 0.1 },
      conditionFrom: 'reference',
      basis: 'the days of the reference',
      reason: '0.3, must be at most 0.1',
      failingSince: '2001-02-03',
      detail: ['distance 30 %'],
    };
    const { failingSince: _, ...other } = failed;
    const passed: TestResult = { ...other, id: 'schema-faults', check: 'schema-faults', status: 'pass', detail: [] };
    const skipped: TestResult = { ...other, id: 'skew', check: 'skew', status: 'skipped', reason: 'not <measured>' };
    const page = renderDailyReport(
      makeDailyReport(facts({ tests: suite({ status: 'fail', tests: [failed, passed, skipped] }) })),
      'files',
    );

    expect(page).toContain(
      '<li>missing-share (low): 0.3, must be at most 0.1; since 2001-02-03; distance 30 %; the days of the reference</li>',
    );
    expect(page).toMatch(
      /<details><summary>Where the conditions come from.*<li>schema-faults: the days of the reference/s,
    );
    expect(page).toMatch(/<summary>1 test was skipped.*<li>skew: not &lt;measured&gt;/s);
  });

  it('tells the interval that lets a value beyond its bound pass, and what tests are of', () => {
    const drifted: TestResult = {
      id: 'label-drift',
      check: 'label-drift',
      status: 'pass',
      severity: 'low',
      retrain: false,
      measured: 0.04329,
      interval: [-0.0031, 0.0835],
      condition: { atLeast: -0.03924, atMost: 0.03924 },
      conditionFrom: 'training',
      reason: '',
    };
    const { interval: _, ...exact } = drifted;
    const pageOf = (test: TestResult) =>
      renderDailyReport(makeDailyReport(facts({ tests: suite({ tests: [test] }), drift: drift() })), 'files');

    expect(pageOf(drifted)).toContain('0.0433 (−0.0031 to 0.0835)');
    expect(pageOf(drifted)).toContain('fails only where no value of the interval is as it must be');
    expect(pageOf(drifted)).toContain('Tests are of the day alone');
    expect(pageOf(exact)).not.toContain('fails only where');
  });

  it('tells why a version was rolled out or not, and what came of a training run', () => {
    const rollout = { rolloutId: 'r', version: 2, status: 'ROLLED_BACK', startedAtMs: 0, reason: 'it failed <often>' };
    const run = { runId: 'x', cause: 'alarm', status: 'FINISHED', startedAtMs: 0, outcome: 'it waits' };
    const page = renderDailyReport(makeDailyReport(facts({ rollouts: [rollout], runs: [run] })), 'files');

    expect(page).toContain('rollout of version 2: it failed &lt;often&gt;');
    expect(page).toContain('training run: it waits');
    expect(page).toContain('>finished, no version<');
  });

  it('links to nothing as a file, and names the rollouts; from the API it leads to their reports', () => {
    const rollout = { rolloutId: 'r-7', version: 2, status: 'PROMOTED', startedAtMs: 0 };
    const report = makeDailyReport(facts({ rollouts: [rollout] }));

    const [file, answered] = [renderDailyReport(report, 'files'), renderDailyReport(report, 'api')];

    expect(deadLinks(file)).toEqual([]);
    expect(file).toContain('>r-7</td>');
    expect(deadLinks(answered)).toEqual(['../rollouts/report', '../rollouts/r-7/report']);
  });

  it('keeps and tells what each version answered of a canary', () => {
    const versions = [
      { version: 1, rowCount: 9_000, psi: { x: 0.01, '@prediction': 0.02 } },
      { version: 2, rowCount: 1_000, psi: { x: 0.01, '@prediction': 0.31 } },
    ];
    const report = makeDailyReport(facts({ drift: drift({ profiles: { versions } }) }));

    expect(report.drift?.profiles).toEqual({ versions });
    expect(renderDailyReport(report, 'files')).toMatch(/PSI by version.*>2<\/th>.*>1,000<\/td>.*>0\.31<\/td>/s);
    expect(makeDailyReport(facts({ drift: drift() })).drift).not.toHaveProperty('profiles');
  });

  it('tells concept drift, and counts in full', () => {
    const gap = { value: 0.05, lower: 0.02, upper: 0.08 };
    const quality = [{ slice: 'all', rowCount: 12_345, metrics: { auc: { value: 0.7 } } }];
    const concept = { gap, dayCount: 14, drifted: true };
    const report = makeDailyReport(facts({ performance: performance({ concept, quality }) }));
    const page = renderDailyReport(report, 'files');

    expect(report.performance?.concept).toEqual(concept);
    expect(page).toContain('0.05 (0.02 to 0.08) on 14 days: the labels part from the inputs');
    expect(page).toContain('12,345');
  });
});
