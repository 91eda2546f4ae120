import { evaluationNode, modelVersionNode, runNode } from '../../shared/contracts/lineage.ts';
import type { LineageStore } from '../../shared/ports/lineage-store.ts';

/** Records in lineage what an evaluation judged: a run's candidate, beside the champion if there was one. */
export const recordEvaluation = (
  lineage: Pick<LineageStore, 'record'>,
  evaluation: {
    readonly model: string;
    readonly runId: string;
    readonly champion: number | undefined;
    readonly recordedAtMs: number;
  },
): Promise<void> => {
  const { model, runId, champion, recordedAtMs } = evaluation;
  const judged = { downstream: evaluationNode(model, runId), recordedAtMs };
  return lineage.record([
    { upstream: runNode(model, runId), ...judged },
    ...(champion === undefined ? [] : [{ upstream: modelVersionNode(model, champion), ...judged }]),
  ]);
};
