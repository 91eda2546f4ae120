import { hash } from 'node:crypto';
import { datasetNode, datasetSnapshotNode, featureViewNode, runNode } from '../../shared/contracts/lineage.ts';
import type { ModelDefinition } from '../../shared/contracts/model-definition.ts';
import type { LineageStore } from '../../shared/ports/lineage-store.ts';

/** Records in lineage what a run starts from: the snapshot of its data, and the features as its definition has them. */
export const recordSources = (
  lineage: Pick<LineageStore, 'record'>,
  run: {
    readonly definition: Pick<ModelDefinition, 'name' | 'data' | 'features'>;
    readonly runId: string;
    readonly snapshotId: string;
    readonly recordedAtMs: number;
  },
): Promise<void> => {
  const { definition, runId, snapshotId, recordedAtMs } = run;
  const { name: model, data: source, features } = definition;
  const dataset = datasetNode(source.dataset);
  const snapshot = datasetSnapshotNode(snapshotId);
  const view = featureViewNode(model, hash('sha256', JSON.stringify([source, features])));
  const started = runNode(model, runId);
  return lineage.record([
    { upstream: dataset, downstream: snapshot, recordedAtMs },
    { upstream: dataset, downstream: view, recordedAtMs },
    { upstream: snapshot, downstream: started, recordedAtMs },
    { upstream: view, downstream: started, recordedAtMs },
  ]);
};
