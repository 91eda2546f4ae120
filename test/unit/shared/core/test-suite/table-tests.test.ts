import { describe, expect, it } from 'vitest';
import { type DeclaredTest, runSuite, type SuiteFacts } from '../../../../../shared/core/test-suite/index.ts';

const run = (table: SuiteFacts['table'], declared: readonly DeclaredTest[] = []) => {
  const facts: SuiteFacts = {
    model: 'toy',
    day: '2001-03-05',
    task: 'binary-classification',
    features: [],
    table,
    limits: { limits: new Map(), cleanDays: { referenceDays: 0, statement: 'no days' } },
    declared: { minLabelShare: 0.05, maxLabelShare: 0.5, maxOutOfRangeShare: 0.01, predictionPsiLimit: 0.2 },
  };
  return runSuite(facts, declared).tests.find(({ check }) => check === 'duplicated-rows');
};

describe('a test of the day’s rows', () => {
  it('finds duplicated rows where all of the interval is above what the reference leads to expect, or the declared', () => {
    const statusAt = (low: number, declared: readonly DeclaredTest[] = []) => {
      const usual = { atMost: 0.1, basis: 'the rows learnt from' };
      const value = { value: low + 0.05, detail: [], interval: [low, low + 0.1], usual } as const;
      return run({ values: new Map([['duplicated-rows', value]]) }, declared);
    };

    expect(statusAt(0.12)).toMatchObject({
      status: 'fail',
      severity: 'medium',
      interval: [0.12, 0.22],
      condition: { atMost: 0.1 },
      conditionFrom: 'reference',
      basis: 'the rows learnt from',
    });
    expect(statusAt(0.09)).toMatchObject({ status: 'pass', measured: 0.14 });
    const atMost = [{ check: 'duplicated-rows', atMost: 0.2, severity: 'medium', retrain: false }] as const;
    expect(statusAt(0.12, atMost)).toMatchObject({ status: 'pass', conditionFrom: 'declared' });
    expect(statusAt(0.21, atMost)).toMatchObject({ status: 'fail' });
    expect(run({ values: new Map() })).toMatchObject({ status: 'skipped' });
  });
});
