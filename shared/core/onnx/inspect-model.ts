import { InvalidRequestError } from '../../kernel/errors.ts';
import { contentOf, signedOf, textOf } from '../protobuf/index.ts';
import { cycleOf, danglingValuesOf, duplicateNamesOf } from './graph-faults.ts';
import type { OnnxModel } from './onnx-model.ts';
import { fieldsOf, type OnnxGraph, type Reading, readGraph, readNode, startReading } from './read-graph.ts';

interface Model {
  irVersion: number;
  producer: string;
  readonly opsets: Map<string, number>;
  readonly functionDomains: Set<string>;
  graph: OnnxGraph | undefined;
}

const readOpset = (reading: Reading, bytes: Uint8Array): readonly [string, number] => {
  let domain = '';
  let version = 0;
  for (const field of fieldsOf(reading, bytes)) {
    if (field.number === 1) domain = textOf(field);
    if (field.number === 2) version = Number(signedOf(field));
  }
  return [domain === 'ai.onnx' ? '' : domain, version];
};

/** Its nodes are read for their operators and tensors. @returns its domain. */
const readFunction = (reading: Reading, bytes: Uint8Array): string => {
  let domain = '';
  for (const field of fieldsOf(reading, bytes)) {
    if (field.number === 7) readNode(reading, contentOf(field), 0);
    if (field.number === 10) domain = textOf(field);
  }
  return domain;
};

const readModel = (reading: Reading, bytes: Uint8Array): Model => {
  const model: Model = { irVersion: 0, producer: '', opsets: new Map(), functionDomains: new Set(), graph: undefined };
  for (const field of fieldsOf(reading, bytes)) {
    if (field.number === 1) model.irVersion = Number(signedOf(field));
    if (field.number === 2) model.producer = textOf(field);
    if (field.number === 7) {
      // Protobuf would merge the two, and readers differ in what they make of it.
      if (model.graph !== undefined) throw new InvalidRequestError('it has two graphs');
      model.graph = readGraph(reading, contentOf(field));
    }
    if (field.number === 8) model.opsets.set(...readOpset(reading, contentOf(field)));
    if (field.number === 25) model.functionDomains.add(readFunction(reading, contentOf(field)));
  }
  return model;
};

/**
 * Reads an ONNX ModelProto: what it takes and gives, and what is wrong with its wiring. Weights are passed over, so
 * that time and memory are small beside the model's; bytes made to hang or exhaust a reader are refused.
 * @throws InvalidRequestError for bytes that are no ONNX model.
 */
export const inspectModel = (bytes: Uint8Array): OnnxModel => {
  const reading = startReading();
  let model: Model;
  try {
    model = readModel(reading, bytes);
  } catch (cause) {
    if (!(cause instanceof InvalidRequestError)) throw cause;
    throw new InvalidRequestError(`the file is not an ONNX model: ${cause.message}`, { cause });
  }
  const { graph, irVersion, producer, opsets, functionDomains } = model;
  if (graph === undefined) throw new InvalidRequestError('the file is not an ONNX model: it has no graph');
  const filled = new Set(graph.initializers);
  const graphs = [graph, ...reading.innerGraphs.map((inner) => inner.graph)];
  return {
    sizeBytes: bytes.byteLength,
    irVersion,
    producer,
    opsets,
    inputs: graph.inputs.filter(({ name }) => !filled.has(name)),
    outputs: graph.outputs,
    nodeCount: reading.nodeCount,
    operators: [...reading.operators].sort(),
    initializerCount: graphs.reduce((sum, { initializers }) => sum + initializers.length, 0),
    // What a graph within reads from outside counts as read by its node, up to the outermost graph.
    danglingValues: danglingValuesOf(graph),
    duplicateNames: graphs.flatMap(duplicateNamesOf),
    cycle: graphs.map(cycleOf).find((cycle) => cycle.length > 0) ?? [],
    externalTensors: reading.externalTensors,
    functionDomains: [...functionDomains].sort(),
  };
};
