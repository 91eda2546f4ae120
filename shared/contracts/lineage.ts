/** Ids of lineage nodes: a dataset snapshot → a run → a model version → a deployment. */

interface Node<Kind extends string> {
  readonly kind: Kind;
  readonly id: string;
}

/** `snapshotId` is the digest of the snapshot's manifest. */
export const datasetSnapshotNode = (snapshotId: string): Node<'dataset-snapshot'> => ({
  kind: 'dataset-snapshot',
  id: snapshotId,
});
export const runNode = (model: string, runId: string): Node<'run'> => ({ kind: 'run', id: `${model}/${runId}` });
export const modelVersionNode = (model: string, version: number): Node<'model-version'> => ({
  kind: 'model-version',
  id: `${model}@${version}`,
});
/** A version of another stage: where a promoted version comes from. */
export const originVersionNode = (stage: string, model: string, version: number): Node<'model-version'> => ({
  kind: 'model-version',
  id: `${stage}/${model}@${version}`,
});
export const deploymentNode = (model: string, rolloutId: string): Node<'deployment'> => ({
  kind: 'deployment',
  id: `${model}/${rolloutId}`,
});

export const LINEAGE_NODE_KINDS = ['dataset-snapshot', 'run', 'model-version', 'deployment'] as const;
