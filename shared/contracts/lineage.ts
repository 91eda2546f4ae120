/** Ids of lineage nodes, and what the steps of the workflows record. */

interface Node<Kind extends string> {
  readonly kind: Kind;
  readonly id: string;
}

const node =
  <Kind extends string>(kind: Kind) =>
  (id: string): Node<Kind> => ({ kind, id });

export const datasetNode = node('dataset');
/** `snapshotId` is the digest of the snapshot's manifest. */
export const datasetSnapshotNode = node('dataset-snapshot');
/** The features of a model as one definition computes them; `digest` is that of the definition's part. */
export const featureViewNode = (model: string, digest: string): Node<'feature-view'> => ({
  kind: 'feature-view',
  id: `${model}/${digest}`,
});
export const runNode = (model: string, runId: string): Node<'run'> => ({ kind: 'run', id: `${model}/${runId}` });
/** The judgement about a run's candidate. */
export const evaluationNode = (model: string, runId: string): Node<'evaluation'> => ({
  kind: 'evaluation',
  id: `${model}/${runId}`,
});
export const modelVersionNode = (model: string, version: number): Node<'model-version'> => ({
  kind: 'model-version',
  id: `${model}@${version}`,
});
/** A version of another stage: where a promoted version comes from. */
export const originVersionNode = (stage: string, model: string, version: number): Node<'model-version'> => ({
  kind: 'model-version',
  id: `${stage}/${model}@${version}`,
});
export const rolloutNode = (model: string, rolloutId: string): Node<'rollout'> => ({
  kind: 'rollout',
  id: `${model}/${rolloutId}`,
});
/** What serves since a rollout was promoted. */
export const deploymentNode = (model: string, rolloutId: string): Node<'deployment'> => ({
  kind: 'deployment',
  id: `${model}/${rolloutId}`,
});
/** The predictions of the days up to `day`, as one profile. */
export const predictionWindowNode = (model: string, day: string): Node<'prediction-window'> => ({
  kind: 'prediction-window',
  id: `${model}/${day}`,
});
/** A drift check's comparison of that window with a reference. */
export const monitorRunNode = (model: string, day: string): Node<'monitor-run'> => ({
  kind: 'monitor-run',
  id: `${model}/${day}`,
});
/** The predictions for a whole input, as one job. */
export const batchScoringNode = (model: string, jobId: string): Node<'batch-scoring'> => ({
  kind: 'batch-scoring',
  id: `${model}/${jobId}`,
});

export const LINEAGE_NODE_KINDS = [
  'dataset',
  'dataset-snapshot',
  'feature-view',
  'run',
  'evaluation',
  'model-version',
  'rollout',
  'deployment',
  'prediction-window',
  'monitor-run',
  'batch-scoring',
] as const;
