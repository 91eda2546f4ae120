import type { RecordRunInput } from '../../shared/contracts/training-workflow.ts';

/** What the steps of a workflow say of their run. */

export const startOf = (input: Extract<RecordRunInput, { action: 'start' | 'fail' }>) => {
  const { model, runId, executionArn, cause, startedAtMs } = input;
  return { model, runId, executionArn, cause, startedAtMs };
};

/** An execution that a former release started says neither. */
export const learntBy = ({ metrics = {}, snapshotId }: Extract<RecordRunInput, { action: 'finish' | 'refuse' }>) => ({
  metrics,
  ...(snapshotId === undefined ? {} : { snapshotId }),
});
