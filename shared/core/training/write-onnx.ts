import { type GradientBoostedTrees, outputName, type Tree } from './gradient-boosted-trees.ts';
import { createProtobufWriter, type ProtobufWriter } from './protobuf-writer.ts';

// Field numbers and values of https://github.com/onnx/onnx/blob/v1.17.0/onnx/onnx.proto, by message.
const MODEL = { irVersion: 1, producerName: 2, graph: 7, opsetImport: 8 } as const;
const OPSET = { domain: 1, version: 2 } as const;
const GRAPH = { node: 1, name: 2, input: 11, output: 12 } as const;
const NODE = { input: 1, output: 2, name: 3, opType: 4, attribute: 5, domain: 7 } as const;
const ATTRIBUTE = { name: 1, float: 2, integer: 3, text: 4, floats: 7, integers: 8, texts: 9, type: 20 } as const;
const ATTRIBUTE_TYPE = { float: 1, integer: 2, text: 3, floats: 6, integers: 7, texts: 8 } as const;
const VALUE_INFO = { name: 1, type: 2 } as const;
const TENSOR_TYPE = { inType: 1, elementType: 1, shape: 2 } as const;
const DIMENSION = { inShape: 1, value: 1, parameter: 2 } as const;
const ELEMENT_TYPE = { float: 1, string: 8 } as const;

const IR_VERSION = 8;
const OPSET_VERSION = 17;
const ML_DOMAIN = 'ai.onnx.ml';
const ML_OPSET_VERSION = 3;

const message = createProtobufWriter;

const textAttribute = (name: string, value: string): ProtobufWriter =>
  message().text(ATTRIBUTE.name, name).text(ATTRIBUTE.text, value).integer(ATTRIBUTE.type, ATTRIBUTE_TYPE.text);
const integerAttribute = (name: string, value: number): ProtobufWriter =>
  message()
    .text(ATTRIBUTE.name, name)
    .integer(ATTRIBUTE.integer, value)
    .integer(ATTRIBUTE.type, ATTRIBUTE_TYPE.integer);
const floatAttribute = (name: string, value: number): ProtobufWriter =>
  message().text(ATTRIBUTE.name, name).float(ATTRIBUTE.float, value).integer(ATTRIBUTE.type, ATTRIBUTE_TYPE.float);
const integersAttribute = (name: string, values: Iterable<number>): ProtobufWriter =>
  message()
    .text(ATTRIBUTE.name, name)
    .integers(ATTRIBUTE.integers, values)
    .integer(ATTRIBUTE.type, ATTRIBUTE_TYPE.integers);
const floatsAttribute = (name: string, values: ArrayLike<number>): ProtobufWriter =>
  message().text(ATTRIBUTE.name, name).floats(ATTRIBUTE.floats, values).integer(ATTRIBUTE.type, ATTRIBUTE_TYPE.floats);
const textsAttribute = (name: string, values: Iterable<string>): ProtobufWriter =>
  message().text(ATTRIBUTE.name, name).texts(ATTRIBUTE.texts, values).integer(ATTRIBUTE.type, ATTRIBUTE_TYPE.texts);

interface NodeOptions {
  readonly opType: string;
  readonly domain?: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes?: readonly ProtobufWriter[];
}

const node = ({ opType, domain, inputs, output, attributes = [] }: NodeOptions): ProtobufWriter => {
  const writer = message()
    .texts(NODE.input, inputs)
    .text(NODE.output, output)
    .text(NODE.name, output)
    .text(NODE.opType, opType);
  for (const attribute of attributes) writer.message(NODE.attribute, attribute);
  return domain === undefined ? writer : writer.text(NODE.domain, domain);
};

/** A tensor of shape [rows, 1]. */
const columnTensor = (name: string, elementType: number): ProtobufWriter => {
  const shape = message()
    .message(DIMENSION.inShape, message().text(DIMENSION.parameter, 'rows'))
    .message(DIMENSION.inShape, message().integer(DIMENSION.value, 1));
  const tensor = message().integer(TENSOR_TYPE.elementType, elementType).message(TENSOR_TYPE.shape, shape);
  return message().text(VALUE_INFO.name, name).message(VALUE_INFO.type, message().message(TENSOR_TYPE.inType, tensor));
};

const STUMP: Tree = {
  featureIndex: Int16Array.of(-1),
  threshold: Float32Array.of(0),
  missingGoesLeft: Uint8Array.of(0),
  left: Int16Array.of(0),
  right: Int16Array.of(0),
  leafValue: Float32Array.of(0),
  rowCount: Int32Array.of(1),
};

/** The trees that are written. A boosting that found nothing to split is one leaf of 0. */
const writtenTrees = ({ trees }: GradientBoostedTrees): readonly Tree[] => (trees.length === 0 ? [STUMP] : trees);

/** Training rows by node, in the order in which `writeOnnx` writes the nodes. */
export const coversOf = (model: GradientBoostedTrees): readonly number[] =>
  writtenTrees(model).flatMap(({ rowCount }) => [...rowCount]);

/** Every tree's nodes, one attribute per property. */
const treeAttributes = (model: GradientBoostedTrees): readonly ProtobufWriter[] => {
  const trees = writtenTrees(model);
  const nodes = trees.flatMap((tree, treeId) =>
    Array.from(tree.featureIndex, (feature, nodeId) => ({ tree, treeId, nodeId, isLeaf: feature < 0 })),
  );
  const leaves = nodes.filter(({ isLeaf }) => isLeaf);
  type Place = (typeof nodes)[number];
  const perNode = (values: (tree: Tree) => ArrayLike<number>): number[] =>
    nodes.map(({ tree, nodeId }: Place) => values(tree)[nodeId] as number);
  return [
    integersAttribute(
      'nodes_treeids',
      nodes.map(({ treeId }) => treeId),
    ),
    integersAttribute(
      'nodes_nodeids',
      nodes.map(({ nodeId }) => nodeId),
    ),
    integersAttribute(
      'nodes_featureids',
      perNode(({ featureIndex }) => featureIndex.map((id) => Math.max(0, id))),
    ),
    textsAttribute(
      'nodes_modes',
      nodes.map(({ isLeaf }) => (isLeaf ? 'LEAF' : 'BRANCH_LEQ')),
    ),
    floatsAttribute(
      'nodes_values',
      perNode(({ threshold }) => threshold),
    ),
    integersAttribute(
      'nodes_truenodeids',
      perNode(({ left }) => left),
    ),
    integersAttribute(
      'nodes_falsenodeids',
      perNode(({ right }) => right),
    ),
    integersAttribute(
      'nodes_missing_value_tracks_true',
      perNode(({ missingGoesLeft }) => missingGoesLeft),
    ),
    integersAttribute(
      'target_treeids',
      leaves.map(({ treeId }) => treeId),
    ),
    integersAttribute(
      'target_nodeids',
      leaves.map(({ nodeId }) => nodeId),
    ),
    integersAttribute(
      'target_ids',
      leaves.map(() => 0),
    ),
    floatsAttribute(
      'target_weights',
      leaves.map(({ tree, nodeId }) => tree.leafValue[nodeId] as number),
    ),
    floatsAttribute('base_values', [model.baseScore]),
    integerAttribute('n_targets', 1),
    textAttribute('aggregate_function', 'SUM'),
    textAttribute('post_transform', 'NONE'),
  ];
};

/** One LabelEncoder per category: its statistics, the prior for others, NaN for the empty string. */
const encoderNodes = (model: GradientBoostedTrees): readonly ProtobufWriter[] =>
  model.encoders.map(({ featureIndex, prior, valueByCategory }) => {
    const name = model.features[featureIndex]?.name as string;
    return node({
      opType: 'LabelEncoder',
      domain: ML_DOMAIN,
      inputs: [name],
      output: `${name}/encoded`,
      attributes: [
        textsAttribute('keys_strings', ['', ...valueByCategory.keys()]),
        floatsAttribute('values_floats', [Number.NaN, ...valueByCategory.values()]),
        floatAttribute('default_float', prior),
      ],
    });
  });

const graphOf = (model: GradientBoostedTrees): ProtobufWriter => {
  const output = outputName(model.task);
  const score = model.task === 'binary-classification' ? 'trees/score' : output;
  const columns = model.features.map(({ name, type }) => (type === 'category' ? `${name}/encoded` : name));
  const graph = message();
  for (const encoder of encoderNodes(model)) graph.message(GRAPH.node, encoder);
  const axis = [integerAttribute('axis', 1)];
  const concat = node({ opType: 'Concat', inputs: columns, output: 'trees/features', attributes: axis });
  const trees = {
    opType: 'TreeEnsembleRegressor',
    domain: ML_DOMAIN,
    inputs: ['trees/features'],
    output: score,
    attributes: treeAttributes(model),
  };
  graph.message(GRAPH.node, concat).message(GRAPH.node, node(trees));
  if (score !== output) graph.message(GRAPH.node, node({ opType: 'Sigmoid', inputs: [score], output }));
  graph.text(GRAPH.name, 'gradient-boosted-trees');
  for (const { name, type } of model.features) {
    const elementType = type === 'category' ? ELEMENT_TYPE.string : ELEMENT_TYPE.float;
    graph.message(GRAPH.input, columnTensor(name, elementType));
  }
  return graph.message(GRAPH.output, columnTensor(output, ELEMENT_TYPE.float));
};

/**
 * Writes a model as ONNX: one input of shape [rows, 1] per feature (FLOAT with NaN for missing, or STRING with the
 * empty string for missing), one FLOAT output of shape [rows, 1] named `probability` or `value`. Feature names must
 * not be those of the output. The same model gives the same bytes.
 */
export const writeOnnx = (model: GradientBoostedTrees): Uint8Array =>
  message()
    .integer(MODEL.irVersion, IR_VERSION)
    .text(MODEL.producerName, 'millrace')
    .message(MODEL.graph, graphOf(model))
    .message(MODEL.opsetImport, message().text(OPSET.domain, '').integer(OPSET.version, OPSET_VERSION))
    .message(MODEL.opsetImport, message().text(OPSET.domain, ML_DOMAIN).integer(OPSET.version, ML_OPSET_VERSION))
    .bytes();
