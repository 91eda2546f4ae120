/**
 * `upstream` led to `downstream`:
 * dataset → dataset snapshot → run → model version → rollout → deployment, and beside that way
 * dataset → feature view → run → evaluation, and model version → prediction window → monitor run.
 * Batch scoring joins them: dataset and model version → batch scoring → dataset.
 */
export type LineageNodeKind =
  | 'dataset'
  | 'dataset-snapshot'
  | 'feature-view'
  | 'run'
  | 'evaluation'
  | 'model-version'
  | 'rollout'
  | 'deployment'
  | 'prediction-window'
  | 'monitor-run'
  | 'batch-scoring';

export interface LineageNode {
  readonly kind: LineageNodeKind;
  /** Unique within its kind, e.g. `flight-delay@3`. */
  readonly id: string;
}

export interface LineageEdge {
  readonly upstream: LineageNode;
  readonly downstream: LineageNode;
  /** When it was first recorded. */
  readonly recordedAtMs: number;
}

export type LineageDirection = 'upstream' | 'downstream';
