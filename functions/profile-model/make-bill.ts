import { METRICS_FILE, runPrefix, TrainingMetricsSchema } from '../../shared/contracts/artifacts.ts';
import type { BillOfMaterials } from '../../shared/contracts/bill-of-materials.ts';
import { parseJsonFile } from '../../shared/contracts/json-file.ts';
import type { ModelDefinition } from '../../shared/contracts/model-definition.ts';
import {
  bestRounds,
  phaseModelPrefix,
  SNAPSHOT_FILE,
  SnapshotSchema,
} from '../../shared/contracts/training-workflow.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';

/** The code and the machine that a run works with. */
export type MadeBy = Pick<BillOfMaterials, 'build' | 'runtime'>;

/** What a run made its model from, as its own files say. */
export const makeBill = async (
  artifacts: Pick<ArtifactStore, 'get'>,
  { definition, runId, build, runtime }: MadeBy & { readonly definition: ModelDefinition; readonly runId: string },
): Promise<BillOfMaterials> => {
  const model = definition.name;
  const run = runPrefix(model, runId);
  const [snapshot, candidate] = await Promise.all([
    artifacts.get(`${run}${SNAPSHOT_FILE}`),
    artifacts.get(`${run}${phaseModelPrefix('candidate')}${METRICS_FILE}`),
  ]);
  return {
    schemaVersion: 1,
    model,
    runId,
    snapshot: parseJsonFile(SnapshotSchema, snapshot, SNAPSHOT_FILE),
    definition,
    rounds: bestRounds(parseJsonFile(TrainingMetricsSchema, candidate, METRICS_FILE)),
    build,
    runtime,
  };
};
