import { InvalidRequestError } from '../../../kernel/errors.ts';
import type { Datatype } from '../../inference/index.ts';
import type { Attributes } from '../graph/attributes.ts';
import type { Value } from '../value.ts';

/** What is known of a node's input before any request. */
export interface OperatorInput {
  readonly datatype: Datatype;
  /** Of an initializer, or of what was computed from such alone. */
  readonly constant: Value | undefined;
}

/** A node as its operator compiles it. */
export interface OperatorNode {
  readonly operator: string;
  readonly opset: number;
  readonly attributes: Attributes;
  /** Undefined for an optional input that is not given. */
  readonly inputs: readonly (OperatorInput | undefined)[];
  readonly outputCount: number;
}

/** Inputs as the node lists them; its outputs are new, and never written again. */
export type Kernel = (inputs: readonly (Value | undefined)[]) => readonly Value[];

/** One tree's part of a prediction. */
export interface TreeContribution {
  readonly tree: number;
  /** The leaf's node id within the tree, as the model gives it. */
  readonly leaf: number;
  /** What it adds to each target or class. */
  readonly weights: readonly { readonly target: number; readonly weight: number }[];
}

/** A node made ready to run. */
export interface CompiledNode {
  /** Of the outputs, in their order. */
  readonly datatypes: readonly Datatype[];
  readonly run: Kernel;
  /** Multiplications and additions of one row with constant matrices; what a dense layer costs. */
  readonly multiplications?: number;
  /** Of an ensemble of trees: which leaves a row reaches. */
  readonly explainTrees?: (input: Value, row: number) => readonly TreeContribution[];
}

export interface Operator {
  /** Versions of the operator's domain in which it means what is compiled here, first and last. */
  readonly opsets: readonly [number, number];
  /** Attributes that are understood; a node with another is refused. */
  readonly attributes?: readonly string[];
  /** @throws InvalidRequestError for what is not interpreted. */
  compile(node: OperatorNode): CompiledNode;
}

export type Operators = Readonly<Record<string, Operator>>;

/** @throws InvalidRequestError where the node lacks the input. */
export const inputAt = (node: OperatorNode, index: number): OperatorInput => {
  const input = node.inputs[index];
  if (input === undefined) throw new InvalidRequestError(`input ${index} is missing`);
  return input;
};

/** @throws InvalidRequestError for another datatype. */
export const datatypeAt = <D extends Datatype>(node: OperatorNode, index: number, allowed: readonly D[]): D => {
  const { datatype } = inputAt(node, index);
  if (!(allowed as readonly Datatype[]).includes(datatype)) {
    throw new InvalidRequestError(
      `input ${index} of datatype ${datatype} is not interpreted, only ${allowed.join(', ')}`,
    );
  }
  return datatype as D;
};

/** The value of an input that must not depend on the request. @throws InvalidRequestError where it does. */
export const constantAt = (node: OperatorNode, index: number): Value => {
  const { constant } = inputAt(node, index);
  if (constant === undefined) throw new InvalidRequestError(`input ${index} is not a constant`);
  return constant;
};

/** What a run was given at a place that compiling has checked. */
export const given = (inputs: readonly (Value | undefined)[], index: number): Value => {
  const value = inputs[index];
  if (value === undefined) throw new InvalidRequestError(`input ${index} is missing`);
  return value;
};

/** @throws InvalidRequestError for a word that is not among those allowed. */
export const wordOf = <W extends string>(name: string, word: string, allowed: readonly W[]): W => {
  if (!(allowed as readonly string[]).includes(word)) {
    throw new InvalidRequestError(`attribute ${name} must be one of ${allowed.join(', ')}, got ${word}`);
  }
  return word as W;
};
