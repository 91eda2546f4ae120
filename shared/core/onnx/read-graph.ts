import { InvalidRequestError } from '../../kernel/errors.ts';
import { contentOf, readFields, signedOf, textOf, type WireField } from '../protobuf/index.ts';
import type { ExternalTensor, OnnxDimension, OnnxValue } from './onnx-model.ts';

/** Field numbers: https://github.com/onnx/onnx/blob/v1.17.0/onnx/onnx.proto. */

/** Graphs within nodes of graphs (the branches of `If`, the body of `Loop`). */
const DEEPEST_GRAPH = 16;
/** Of a whole model: bounds the time that reading takes, whatever the bytes are. A model of 250 MB has far fewer. */
const MOST_FIELDS = 8_000_000;

const EXTERNAL_LOCATION = 1n;

/** Of TensorProto.DataType, by number. */
const ELEMENT_TYPES =
  'UNDEFINED FLOAT UINT8 INT8 UINT16 INT16 INT32 INT64 STRING BOOL FLOAT16 DOUBLE UINT32 UINT64 COMPLEX64 COMPLEX128 BFLOAT16 FLOAT8E4M3FN FLOAT8E4M3FNUZ FLOAT8E5M2 FLOAT8E5M2FNUZ UINT4 INT4 FLOAT4E2M1'.split(
    ' ',
  );

const VALUE_KINDS: Readonly<Record<number, OnnxValue['kind']>> = {
  1: 'tensor',
  4: 'sequence',
  5: 'map',
  7: 'opaque',
  8: 'sparse tensor',
  9: 'optional',
};

/** One node: what it reads, what graphs within it read from outside included, and what it gives. */
export interface OnnxNode {
  readonly operator: string;
  readonly reads: readonly string[];
  readonly gives: readonly string[];
}

export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly initializers: readonly string[];
}

/** What reading collects from everywhere in a model, and the bound of it. */
export interface Reading {
  fieldCount: number;
  nodeCount: number;
  readonly operators: Set<string>;
  readonly externalTensors: ExternalTensor[];
  /** Graphs within nodes, each judged by itself. */
  readonly innerGraphs: { readonly graph: OnnxGraph }[];
}

export const startReading = (): Reading => ({
  fieldCount: 0,
  nodeCount: 0,
  operators: new Set(),
  externalTensors: [],
  innerGraphs: [],
});

/** The fields of one message, counted. @throws InvalidRequestError for bytes that are no message, and beyond the bound. */
export function* fieldsOf(reading: Reading, bytes: Uint8Array): Generator<WireField, void, undefined> {
  for (const field of readFields(bytes)) {
    reading.fieldCount += 1;
    if (reading.fieldCount > MOST_FIELDS) {
      throw new InvalidRequestError(`the model has more than ${MOST_FIELDS} fields: store its numbers packed`);
    }
    yield field;
  }
}

const readDimension = (reading: Reading, bytes: Uint8Array): OnnxDimension => {
  let dimension: OnnxDimension;
  for (const field of fieldsOf(reading, bytes)) {
    if (field.number === 1) dimension = Number(signedOf(field));
    if (field.number === 2) dimension = textOf(field) || undefined;
  }
  return dimension;
};

const readTensorType = (reading: Reading, bytes: Uint8Array): Pick<OnnxValue, 'elementType' | 'shape'> => {
  let elementType = 0;
  let shape: OnnxDimension[] | undefined;
  for (const field of fieldsOf(reading, bytes)) {
    if (field.number === 1) elementType = Number(signedOf(field));
    if (field.number !== 2) continue;
    shape = [];
    for (const dimension of fieldsOf(reading, contentOf(field))) {
      if (dimension.number === 1) shape.push(readDimension(reading, contentOf(dimension)));
    }
  }
  return {
    elementType: ELEMENT_TYPES[elementType] ?? `type ${elementType}`,
    ...(shape === undefined ? {} : { shape }),
  };
};

const readType = (reading: Reading, bytes: Uint8Array): Omit<OnnxValue, 'name'> => {
  let type: Omit<OnnxValue, 'name'> = { kind: 'none' };
  for (const field of fieldsOf(reading, bytes)) {
    const kind = VALUE_KINDS[field.number];
    if (kind === undefined) continue;
    type = { kind, ...(kind === 'tensor' ? readTensorType(reading, contentOf(field)) : {}) };
  }
  return type;
};

const readValue = (reading: Reading, bytes: Uint8Array): OnnxValue => {
  let name = '';
  let type: Omit<OnnxValue, 'name'> = { kind: 'none' };
  for (const field of fieldsOf(reading, bytes)) {
    if (field.number === 1) name = textOf(field);
    if (field.number === 2) type = readType(reading, contentOf(field));
  }
  return { name, ...type };
};

/** @returns the tensor's name. */
const readTensor = (reading: Reading, bytes: Uint8Array): string => {
  let name = '';
  let isExternal = false;
  let location = '';
  for (const field of fieldsOf(reading, bytes)) {
    if (field.number === 8) name = textOf(field);
    if (field.number === 14) isExternal = signedOf(field) === EXTERNAL_LOCATION;
    if (field.number !== 13) continue;
    const entry = new Map<number, string>();
    for (const part of fieldsOf(reading, contentOf(field))) entry.set(part.number, textOf(part));
    isExternal = true;
    if (entry.get(1) === 'location') location = entry.get(2) ?? '';
  }
  if (isExternal) reading.externalTensors.push({ name, location });
  return name;
};

/** @returns the name of its values. */
const readSparseTensor = (reading: Reading, bytes: Uint8Array): string => {
  let name = '';
  for (const field of fieldsOf(reading, bytes)) {
    if (field.number === 1) name = readTensor(reading, contentOf(field));
    if (field.number === 2) readTensor(reading, contentOf(field));
  }
  return name;
};

/** What the graphs of an attribute read from outside. */
const readAttribute = (reading: Reading, bytes: Uint8Array, depth: number): readonly string[] => {
  const captured: string[] = [];
  for (const field of fieldsOf(reading, bytes)) {
    if (field.number === 5 || field.number === 10) readTensor(reading, contentOf(field));
    if (field.number === 22 || field.number === 23) readSparseTensor(reading, contentOf(field));
    if (field.number !== 6 && field.number !== 11) continue;
    const graph = readGraph(reading, contentOf(field), depth + 1);
    reading.innerGraphs.push({ graph });
    for (const name of freeValues(graph)) captured.push(name);
  }
  return captured;
};

interface NodeDraft {
  operator: string;
  domain: string;
  readonly reads: string[];
  readonly gives: string[];
}

const readNodeField = (reading: Reading, draft: NodeDraft, field: WireField, depth: number): void => {
  if (field.number === 1) draft.reads.push(textOf(field));
  if (field.number === 2) draft.gives.push(textOf(field));
  if (field.number === 4) draft.operator = textOf(field);
  if (field.number === 7) draft.domain = textOf(field);
  // One by one: a call with as many arguments as an attacker likes would overflow the stack.
  if (field.number === 5) for (const name of readAttribute(reading, contentOf(field), depth)) draft.reads.push(name);
};

export const readNode = (reading: Reading, bytes: Uint8Array, depth: number): OnnxNode => {
  const draft: NodeDraft = { operator: '', domain: '', reads: [], gives: [] };
  for (const field of fieldsOf(reading, bytes)) readNodeField(reading, draft, field, depth);
  const { operator, domain } = draft;
  const named = domain === '' || domain === 'ai.onnx' ? operator : `${domain}:${operator}`;
  reading.operators.add(named);
  reading.nodeCount += 1;
  // An empty name stands for an optional value that is not there.
  const isName = (name: string): boolean => name !== '';
  return { operator: named, reads: draft.reads.filter(isName), gives: draft.gives.filter(isName) };
};

/** @throws InvalidRequestError for graphs nested too deep. */
export const readGraph = (reading: Reading, bytes: Uint8Array, depth = 0): OnnxGraph => {
  if (depth > DEEPEST_GRAPH) {
    throw new InvalidRequestError(`graphs are nested more than ${DEEPEST_GRAPH} levels deep`);
  }
  const graph = {
    nodes: [] as OnnxNode[],
    inputs: [] as OnnxValue[],
    outputs: [] as OnnxValue[],
    initializers: [] as string[],
  };
  for (const field of fieldsOf(reading, bytes)) {
    if (field.number === 1) graph.nodes.push(readNode(reading, contentOf(field), depth));
    if (field.number === 5) graph.initializers.push(readTensor(reading, contentOf(field)));
    if (field.number === 11) graph.inputs.push(readValue(reading, contentOf(field)));
    if (field.number === 12) graph.outputs.push(readValue(reading, contentOf(field)));
    if (field.number === 15) graph.initializers.push(readSparseTensor(reading, contentOf(field)));
  }
  return graph;
};

/** Values that a graph reads and does not give itself. */
export const freeValues = ({ nodes, inputs, outputs, initializers }: OnnxGraph): readonly string[] => {
  const given = new Set([...initializers, ...inputs.map(({ name }) => name), ...nodes.flatMap(({ gives }) => gives)]);
  const read = [...nodes.flatMap(({ reads }) => reads), ...outputs.map(({ name }) => name)];
  return [...new Set(read)].filter((name) => !given.has(name));
};
