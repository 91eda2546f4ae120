/** What an ONNX model says of itself, as far as serving asks. Pure data; the reading and the rules stand beside. */

/** A size, a name that stands for one, or undefined where the model leaves it open. */
export type OnnxDimension = number | string | undefined;

export interface OnnxValue {
  readonly name: string;
  /** `none`: the model does not say what it is. */
  readonly kind: 'tensor' | 'sparse tensor' | 'sequence' | 'map' | 'optional' | 'opaque' | 'none';
  /** Of a tensor's elements, in ONNX's words: FLOAT, STRING, INT64 …; `UNDEFINED` when it says none. */
  readonly elementType?: string;
  /** Absent: any shape, even any rank. */
  readonly shape?: readonly OnnxDimension[];
}

/** A tensor whose numbers stand in another file. */
export interface ExternalTensor {
  readonly name: string;
  readonly location: string;
}

export interface OnnxModel {
  readonly sizeBytes: number;
  readonly irVersion: number;
  readonly producer: string;
  /** Version by domain; the default domain is ''. */
  readonly opsets: ReadonlyMap<string, number>;
  /** What a caller must give: the graph's inputs without those that an initializer fills. */
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly nodeCount: number;
  /** Each kind of node once, `domain:Operator`, or `Operator` of the default domain; in order. */
  readonly operators: readonly string[];
  readonly initializerCount: number;
  /** Values that a node or an output reads and nothing gives. */
  readonly danglingValues: readonly string[];
  /** Names that two nodes, inputs or initializers of one graph give. */
  readonly duplicateNames: readonly string[];
  /** Some values of nodes that wait for each other; empty without a cycle. */
  readonly cycle: readonly string[];
  readonly externalTensors: readonly ExternalTensor[];
  /** Domains of functions that the model brings itself. */
  readonly functionDomains: readonly string[];
}
