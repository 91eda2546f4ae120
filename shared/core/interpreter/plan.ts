import { InvalidRequestError } from '../../kernel/errors.ts';
import { shorten } from '../../kernel/show-value.ts';
import type { Datatype, TensorSpec } from '../inference/index.ts';
import type { Graph, GraphNode, GraphOutput } from './graph/read-graph.ts';
import type { CompiledNode, OperatorNode } from './operators/operator.ts';
import { isInterpreted, operatorOf } from './operators/operator-table.ts';
import { sortNodes } from './sort-nodes.ts';
import type { Value } from './value.ts';

/** One node of a plan: it reads and writes numbered slots. */
export interface Step {
  readonly node: GraphNode;
  readonly compiled: CompiledNode;
  /** -1 for an optional input that is not given. */
  readonly inputSlots: readonly number[];
  readonly outputSlots: readonly number[];
}

/** A graph made ready to run: what depends on constants alone is computed already. */
export interface Plan {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  readonly outputSlots: readonly number[];
  readonly steps: readonly Step[];
  /** A run starts with a copy: constants stand in it, the inputs are the first. */
  readonly slots: readonly (Value | undefined)[];
}

/** Of all constants that compiling computes: a small file must not unfold into all of the memory. */
const MOST_FOLDED_ELEMENTS = 2 ** 22;

/**
 * Multiplications of one row with constant matrices. Measured on one row, a layer of 64 × 64 takes three quarters of
 * onnxruntime's time and one of 128 × 128 three times as long (in batches of 64 its blocked products win from 16 × 16
 * on): what is larger is left to it.
 */
const MOST_MULTIPLICATIONS = 2 ** 12;

interface Draft {
  readonly slotByName: Map<string, number>;
  readonly slots: (Value | undefined)[];
  readonly datatypes: Datatype[];
  readonly steps: Step[];
  foldedElements: number;
  multiplications: number;
}

const addSlot = (draft: Draft, name: string, datatype: Datatype, value?: Value): number => {
  if (name !== '' && draft.slotByName.has(name)) throw new InvalidRequestError(`two values are named ${shorten(name)}`);
  const slot = draft.slots.length;
  draft.slots.push(value);
  draft.datatypes.push(datatype);
  if (name !== '') draft.slotByName.set(name, slot);
  return slot;
};

const slotOf = (draft: Draft, name: string): number => {
  if (name === '') return -1;
  const slot = draft.slotByName.get(name);
  if (slot === undefined) throw new InvalidRequestError(`nothing gives ${shorten(name)}`);
  return slot;
};

const describe = (draft: Draft, node: GraphNode, inputSlots: readonly number[]): OperatorNode => ({
  operator: node.operator,
  opset: node.opset,
  attributes: node.attributes,
  outputCount: node.outputs.length,
  inputs: inputSlots.map((slot) =>
    slot === -1 ? undefined : { datatype: draft.datatypes[slot] as Datatype, constant: draft.slots[slot] },
  ),
});

/** @returns undefined where it must wait for a request, or is better left to. */
const foldNode = (
  draft: Draft,
  compiled: CompiledNode,
  inputSlots: readonly number[],
): readonly Value[] | undefined => {
  const inputs = inputSlots.map((slot) => draft.slots[slot]);
  if (compiled.explainTrees !== undefined || compiled.multiplications !== undefined) return undefined;
  if (inputs.some((value, i) => value === undefined && inputSlots[i] !== -1)) return undefined;
  const outputs = compiled.run(inputs);
  for (const { data } of outputs) draft.foldedElements += data.length;
  if (draft.foldedElements > MOST_FOLDED_ELEMENTS) {
    throw new InvalidRequestError(`its constants unfold into more than ${MOST_FOLDED_ELEMENTS} elements`);
  }
  return outputs;
};

const addNode = (draft: Draft, node: GraphNode): void => {
  const inputSlots = node.inputs.map((name) => slotOf(draft, name));
  const compiled = operatorOf(node).compile(describe(draft, node, inputSlots));
  draft.multiplications += compiled.multiplications ?? 0;
  const extra = node.outputs.findIndex((name, index) => name !== '' && index >= compiled.datatypes.length);
  if (extra !== -1) throw new InvalidRequestError(`output ${extra} is not interpreted`);
  const folded = foldNode(draft, compiled, inputSlots);
  const outputSlots = node.outputs.map((name, index) =>
    name === '' ? -1 : addSlot(draft, name, compiled.datatypes[index] as Datatype, folded?.[index]),
  );
  if (folded === undefined) draft.steps.push({ node, compiled, inputSlots, outputSlots });
};

/** Says which node is meant. */
const withNode = (node: GraphNode, work: () => void): void => {
  try {
    work();
  } catch (cause) {
    if (!(cause instanceof InvalidRequestError)) throw cause;
    throw new InvalidRequestError(`node ${shorten(node.name)} (${shorten(node.operator)}): ${cause.message}`, {
      cause,
    });
  }
};

/** A ZipMap's maps are given as the tensor of scores that it reads, whose columns are the classes in their order. */
const zippedOutput = (graph: Graph, name: string): TensorSpec => {
  const node = graph.nodes.find(({ outputs }) => outputs.includes(name));
  if (node?.operator !== 'ai.onnx.ml:ZipMap') throw new InvalidRequestError(`output ${shorten(name)} is a sequence`);
  const classes =
    node.attributes.texts('classlabels_strings').length || node.attributes.integers('classlabels_int64s').length;
  return { name, datatype: 'FP32', shape: [-1, classes] };
};

const outputOf = (draft: Draft, graph: Graph, output: GraphOutput): TensorSpec => {
  const spec = output.datatype === 'sequence' ? zippedOutput(graph, output.name) : output;
  const datatype = draft.datatypes[slotOf(draft, output.name)];
  if (datatype === spec.datatype) return spec;
  throw new InvalidRequestError(`output ${shorten(output.name)} is ${datatype}, the model says ${spec.datatype}`);
};

/** @throws InvalidRequestError for what is not interpreted, with the node that needs it. */
export const planGraph = (graph: Graph): Plan => {
  const draft: Draft = {
    slotByName: new Map(),
    slots: [],
    datatypes: [],
    steps: [],
    foldedElements: 0,
    multiplications: 0,
  };
  for (const { name, datatype } of graph.inputs) addSlot(draft, name, datatype);
  for (const [name, value] of graph.constants) addSlot(draft, name, value.datatype, value);
  const nodes = sortNodes(graph);
  // Before work is put into the others: another engine is asked the sooner.
  const foreign = nodes.find(({ operator }) => !isInterpreted(operator));
  if (foreign !== undefined) withNode(foreign, () => void operatorOf(foreign));
  for (const node of nodes) withNode(node, () => addNode(draft, node));
  if (draft.multiplications > MOST_MULTIPLICATIONS) {
    throw new InvalidRequestError(
      `a row takes ${draft.multiplications} multiplications with constants, ${MOST_MULTIPLICATIONS} are interpreted`,
    );
  }
  if (graph.outputs.length === 0) throw new InvalidRequestError('the model has no output');
  return {
    inputs: graph.inputs,
    outputs: graph.outputs.map((output) => outputOf(draft, graph, output)),
    outputSlots: graph.outputs.map(({ name }) => slotOf(draft, name)),
    steps: draft.steps,
    slots: draft.slots,
  };
};
