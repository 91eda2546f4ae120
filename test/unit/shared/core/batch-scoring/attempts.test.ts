import { expect, it } from 'vitest';
import { type Attempt, MOST_ATTEMPTS, nextStep } from '../../../../../shared/core/batch-scoring/index.ts';

const attempts = (...statuses: Attempt['status'][]): readonly Attempt[] => statuses.map((status) => ({ status }));

it('begins a job, leaves one that runs or has ended, and takes up one that broke off', () => {
  expect(nextStep([])).toEqual({ step: 'start', attempt: 1 });
  expect(nextStep(attempts('RUNNING'))).toEqual({ step: 'leave', reason: 'running' });
  expect(nextStep(attempts('ABORTED', 'SUCCEEDED'))).toEqual({ step: 'leave', reason: 'finished' });
  for (const status of ['FAILED', 'TIMED_OUT', 'ABORTED'] as const) {
    expect(nextStep(attempts('FAILED', status))).toEqual({ step: 'start', attempt: 3 });
  }
});

it('does not take up for ever what always breaks off', () => {
  const many = Array.from({ length: MOST_ATTEMPTS }, () => 'FAILED' as const);

  expect(nextStep(attempts(...many))).toEqual({ step: 'leave', reason: 'exhausted' });
});
