import type { ScoringJob } from '../../shared/contracts/batch-scoring.ts';
import { scoredPrefix } from '../../shared/contracts/batch-scoring.ts';
import { batchScoringNode, datasetNode, modelVersionNode } from '../../shared/contracts/lineage.ts';
import type { LineageStore } from '../../shared/ports/lineage-store.ts';

/** A dataset of the platform by its name, anything else by its prefix. */
const datasetIdOf = (prefix: string): string => /^datasets\/([^/]+)\//.exec(prefix)?.[1] ?? prefix.slice(0, -1);

/** Records in lineage what was scored, by which version, and what came of it. */
export const recordScoring = (
  lineage: Pick<LineageStore, 'record'>,
  job: ScoringJob,
  recordedAtMs: number,
): Promise<void> => {
  const node = batchScoringNode(job.model, job.jobId);
  return lineage.record([
    { upstream: datasetNode(datasetIdOf(job.input)), downstream: node, recordedAtMs },
    { upstream: modelVersionNode(job.model, job.version), downstream: node, recordedAtMs },
    { upstream: node, downstream: datasetNode(scoredPrefix(job).slice(0, -1)), recordedAtMs },
  ]);
};
