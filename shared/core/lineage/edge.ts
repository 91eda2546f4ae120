/** `upstream` led to `downstream`: dataset snapshot → run → model version → deployment. */
export type LineageNodeKind = 'dataset-snapshot' | 'run' | 'model-version' | 'deployment';

export interface LineageNode {
  readonly kind: LineageNodeKind;
  /** Unique within its kind, e.g. `flight-delay@3`. */
  readonly id: string;
}

export interface LineageEdge {
  readonly upstream: LineageNode;
  readonly downstream: LineageNode;
  readonly recordedAtMs: number;
}
