import { expect, it } from 'vitest';
import { describeJob } from '../../../../../shared/core/batch-scoring/index.ts';

const running = { status: 'RUNNING' } as const;
const aborted = { status: 'ABORTED', cause: 'enough' } as const;

it('tells no numbers before a job is planned', () => {
  const job = { plannedRows: undefined, doneParts: new Set<number>(), isFinished: false };

  expect(describeJob({ ...job, attempts: [running] })).toEqual({ state: 'PLANNING', attempts: 1, failures: [] });
  expect(describeJob({ ...job, attempts: [aborted] })).toMatchObject({ state: 'FAILED', failures: [aborted] });
});

it('counts parts and rows whose output stands, through every attempt', () => {
  const job = { plannedRows: [50, 30, 20], doneParts: new Set([0, 2]), isFinished: false };
  const progress = { parts: { done: 2, total: 3 }, rows: { done: 70, total: 100 } };

  expect(describeJob({ ...job, attempts: [aborted, running] })).toEqual({
    state: 'SCORING',
    ...progress,
    attempts: 2,
    failures: [aborted],
  });
  expect(describeJob({ ...job, attempts: [running, aborted] })).toMatchObject({ state: 'FAILED', ...progress });
});

it('is finished when the manifest stands, whatever became of its executions', () => {
  const job = { plannedRows: [1], doneParts: new Set([0]), isFinished: true };

  for (const attempts of [[], [aborted], [running]]) expect(describeJob({ ...job, attempts }).state).toBe('FINISHED');
});
