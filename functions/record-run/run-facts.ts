import type { Definitions } from '../../shared/contracts/definitions.ts';
import type { Phase, RecordRunInput } from '../../shared/contracts/training-workflow.ts';
import { costOfRun } from '../../shared/core/retraining/index.ts';

/** What the steps of a workflow say of their run. */

export const startOf = (input: Extract<RecordRunInput, { action: 'start' | 'fail' }>) => {
  const { model, runId, executionArn, cause, startedAtMs } = input;
  return { model, runId, executionArn, cause, startedAtMs };
};

/** An execution that a former release started says neither. */
export const learntBy = ({
  metrics = {},
  snapshotId,
}: {
  readonly metrics?: Readonly<Record<string, number>> | undefined;
  readonly snapshotId?: string | undefined;
}) => ({
  metrics,
  ...(snapshotId === undefined ? {} : { snapshotId }),
});

/** Dollars of a run by its model's definition, for the month's budget; what was trained elsewhere costs nothing here. */
export const costOf = (
  { model, cause }: Extract<RecordRunInput, { action: 'start' | 'fail' }>,
  definitions: Definitions,
): { readonly costUsd?: number } => {
  if (cause.kind === 'upload' || cause.kind === 'client-version') return { costUsd: 0 };
  const definition = definitions.get(model);
  const costUsd = definition === undefined ? undefined : costOfRun(definition);
  return costUsd === undefined ? {} : { costUsd };
};

/** A run that made a version, or was left because it was not worth it: then it cost its estimate alone. */
export const finishedAs = (
  input: Extract<RecordRunInput, { action: 'finish' | 'leave' }>,
): {
  readonly ended: { readonly status: 'FINISHED'; readonly outcome: string; readonly version?: number };
  readonly cost: { readonly costUsd?: number };
  readonly phases: readonly Phase[];
} => {
  const ended = { status: 'FINISHED', outcome: input.outcome } as const;
  return input.action === 'leave'
    ? { ended, cost: { costUsd: input.costUsd }, phases: [] }
    : { ended: { ...ended, version: input.version }, cost: {}, phases: ['candidate', 'refit'] };
};
