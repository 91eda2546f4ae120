/** Trees as the operators of ai.onnx.ml describe them, in one form for all of their versions. */

export const NODE_MODES = [
  'BRANCH_LEQ',
  'BRANCH_LT',
  'BRANCH_GTE',
  'BRANCH_GT',
  'BRANCH_EQ',
  'BRANCH_NEQ',
  'LEAF',
] as const;
export type NodeMode = (typeof NODE_MODES)[number];

/** A mode's place among them. */
export const LEAF = 6;

export const AGGREGATES = ['SUM', 'AVERAGE', 'MIN', 'MAX'] as const;
export type Aggregate = (typeof AGGREGATES)[number];

/** Nodes of all trees, one entry of each array per node; children are places in these arrays. */
export interface TreeNodes {
  /** A place in NODE_MODES. */
  readonly mode: Uint8Array;
  readonly feature: Int32Array;
  /** Of float32 trees rounded to it. */
  readonly threshold: Float64Array;
  readonly missingTracksTrue: Uint8Array;
  /** Where the condition holds; both are -1 for a leaf. */
  readonly trueChild: Int32Array;
  readonly falseChild: Int32Array;
  /** The node's id within its tree. */
  readonly nodeId: Int32Array;
  /** A leaf's weights are those from its first up to the next leaf's first, see `weightTarget`. */
  readonly firstWeight: Int32Array;
  readonly weightCount: Int32Array;
}

export interface TreeEnsemble {
  /** What comparisons and sums are made in. */
  readonly precision: 'FP32' | 'FP64';
  readonly nodes: TreeNodes;
  /** Places of the trees' roots, in the order in which onnxruntime adds the trees up. */
  readonly roots: Int32Array;
  readonly treeIds: readonly number[];
  readonly weightTarget: Int32Array;
  /** Of float32 trees rounded to it. */
  readonly weightValue: Float64Array;
  /** Targets, or classes. */
  readonly targetCount: number;
  /** One more than the largest feature. */
  readonly featureCount: number;
}
