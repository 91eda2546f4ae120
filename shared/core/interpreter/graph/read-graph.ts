import { InvalidRequestError } from '../../../kernel/errors.ts';
import type { TensorSpec } from '../../inference/index.ts';
import type { Value } from '../value.ts';
import { type Attributes, createAttributes, readAttributeName } from './attributes.ts';
import { datatypeOf, readTensor } from './read-tensor.ts';
import { contentOf, eachField, integerOf, textOf } from './wire-fields.ts';

/** One node as it stands in the file. */
export interface GraphNode {
  /** As messages show it: its name, or what it gives. */
  readonly name: string;
  /** `Operator` of the default domain, else `domain:Operator`. */
  readonly operator: string;
  /** The version of its operator's domain that the model asks for. */
  readonly opset: number;
  readonly attributes: Attributes;
  /** Empty names stand for optional inputs that are not given. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** A graph's output; a sequence of maps has no tensor's type. */
export type GraphOutput = TensorSpec | { readonly name: string; readonly datatype: 'sequence' };

export interface Graph {
  readonly nodes: readonly GraphNode[];
  /** Without those that an initializer fills. */
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly GraphOutput[];
  readonly constants: ReadonlyMap<string, Value>;
}

const ML_DOMAIN = 'ai.onnx.ml';

interface NodeDraft {
  name: string;
  operator: string;
  domain: string;
  readonly inputs: string[];
  readonly outputs: string[];
  readonly attributes: Map<string, Uint8Array>;
}

const readNode = (bytes: Uint8Array): NodeDraft => {
  const draft: NodeDraft = { name: '', operator: '', domain: '', inputs: [], outputs: [], attributes: new Map() };
  eachField(bytes, (field) => {
    if (field.number === 1) draft.inputs.push(textOf(field));
    else if (field.number === 2) draft.outputs.push(textOf(field));
    else if (field.number === 3) draft.name = textOf(field);
    else if (field.number === 4) draft.operator = textOf(field);
    else if (field.number === 7) draft.domain = textOf(field);
    else if (field.number === 5) {
      const content = contentOf(field);
      const name = readAttributeName(content);
      if (draft.attributes.has(name)) throw new InvalidRequestError(`a node has attribute ${name} twice`);
      draft.attributes.set(name, content);
    }
  });
  return draft;
};

/** @returns -1 for a size that is open. */
const readDimension = (bytes: Uint8Array): number => {
  let size = -1;
  eachField(bytes, (field) => {
    if (field.number === 1) size = Math.max(-1, integerOf(field));
  });
  return size;
};

const readTensorType = (bytes: Uint8Array): Omit<TensorSpec, 'name'> => {
  let elementType = 0;
  let shape: number[] | undefined;
  eachField(bytes, (field) => {
    if (field.number === 1) elementType = integerOf(field);
    if (field.number !== 2) return;
    const sizes: number[] = [];
    eachField(contentOf(field), (dimension) => {
      if (dimension.number === 1) sizes.push(readDimension(contentOf(dimension)));
    });
    shape = sizes;
  });
  if (shape === undefined) throw new InvalidRequestError('the model does not say its shape');
  return { datatype: datatypeOf(elementType), shape };
};

const readType = (bytes: Uint8Array): Omit<TensorSpec, 'name'> | { readonly datatype: 'sequence' } => {
  let type: Omit<TensorSpec, 'name'> | { readonly datatype: 'sequence' } | undefined;
  eachField(bytes, (field) => {
    if (field.number === 1) type = readTensorType(contentOf(field));
    if (field.number === 4) type = { datatype: 'sequence' };
  });
  if (type === undefined) throw new InvalidRequestError('it is no tensor');
  return type;
};

const readValueInfo = (bytes: Uint8Array): GraphOutput => {
  let name = '';
  let typeBytes: Uint8Array | undefined;
  eachField(bytes, (field) => {
    if (field.number === 1) name = textOf(field);
    if (field.number === 2) typeBytes = contentOf(field);
  });
  try {
    return { name, ...readType(typeBytes ?? new Uint8Array()) };
  } catch (cause) {
    if (!(cause instanceof InvalidRequestError)) throw cause;
    throw new InvalidRequestError(`value ${name}: ${cause.message}`, { cause });
  }
};

interface GraphDraft {
  readonly nodes: NodeDraft[];
  readonly inputs: GraphOutput[];
  readonly outputs: GraphOutput[];
  readonly constants: Map<string, Value>;
}

const readGraphDraft = (bytes: Uint8Array): GraphDraft => {
  const graph: GraphDraft = { nodes: [], inputs: [], outputs: [], constants: new Map() };
  eachField(bytes, (field) => {
    if (field.number === 1) graph.nodes.push(readNode(contentOf(field)));
    else if (field.number === 5) {
      const { name, value } = readTensor(contentOf(field));
      if (graph.constants.has(name)) throw new InvalidRequestError(`two initializers are named ${name}`);
      graph.constants.set(name, value);
    } else if (field.number === 11) graph.inputs.push(readValueInfo(contentOf(field)));
    else if (field.number === 12) graph.outputs.push(readValueInfo(contentOf(field)));
    else if (field.number === 15) throw new InvalidRequestError('sparse initializers are not interpreted');
  });
  return graph;
};

const readOpset = (bytes: Uint8Array): readonly [string, number] => {
  let domain = '';
  let version = 0;
  eachField(bytes, (field) => {
    if (field.number === 1) domain = textOf(field);
    if (field.number === 2) version = integerOf(field);
  });
  return [domain === 'ai.onnx' ? '' : domain, version];
};

const nodeOf = (draft: NodeDraft, opsets: ReadonlyMap<string, number>): GraphNode => {
  const domain = draft.domain === 'ai.onnx' ? '' : draft.domain;
  const operator = domain === '' ? draft.operator : `${domain}:${draft.operator}`;
  const opset = opsets.get(domain) ?? (domain === ML_DOMAIN ? 1 : undefined);
  if (opset === undefined) throw new InvalidRequestError(`the model names no version of operator ${operator}'s domain`);
  return {
    name: draft.name || draft.outputs.join(', '),
    operator,
    opset,
    attributes: createAttributes(draft.attributes),
    inputs: draft.inputs,
    outputs: draft.outputs,
  };
};

const tensorInput = (input: GraphOutput): TensorSpec => {
  if (input.datatype === 'sequence') throw new InvalidRequestError(`input ${input.name} is a sequence`);
  return input;
};

/**
 * Reads an ONNX ModelProto with its weights.
 * @throws InvalidRequestError for bytes that are no such model, and for what no interpreted model has.
 */
export const readGraph = (bytes: Uint8Array): Graph => {
  const opsets = new Map<string, number>();
  let graphBytes: Uint8Array | undefined;
  eachField(bytes, (field) => {
    if (field.number === 8) opsets.set(...readOpset(contentOf(field)));
    if (field.number === 25) throw new InvalidRequestError('functions of a model are not interpreted');
    if (field.number !== 7) return;
    if (graphBytes !== undefined) throw new InvalidRequestError('the file is not an ONNX model: it has two graphs');
    graphBytes = contentOf(field);
  });
  if (graphBytes === undefined) throw new InvalidRequestError('the file is not an ONNX model: it has no graph');
  const { nodes, inputs, outputs, constants } = readGraphDraft(graphBytes);
  return {
    nodes: nodes.map((node) => nodeOf(node, opsets)),
    inputs: inputs.filter(({ name }) => !constants.has(name)).map(tensorInput),
    outputs,
    constants,
  };
};
