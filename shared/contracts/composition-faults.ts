import { InvalidRequestError } from '../kernel/errors.ts';
import type { CompositionDefinition } from './composition-definition.ts';
import type { ModelDefinition } from './model-definition.ts';

/** Whether the nodes of a composition fit each other and the models that they name. */

type Composition = CompositionDefinition;
type CompositionNode = CompositionDefinition['nodes'][number];
type NodeOf<Kind extends CompositionNode['kind']> = Extract<CompositionNode, { readonly kind: Kind }>;
type TransformNode = NodeOf<'transform'>;
type ModelNode = NodeOf<'model'>;
type EnsembleNode = NodeOf<'ensemble'>;
type SwitchNode = NodeOf<'switch'>;
type TransformStep = TransformNode['steps'][number];

/** The columns that a node may read. */
const sourcesOf = (node: CompositionNode): readonly string[] => {
  switch (node.kind) {
    case 'transform':
      return [node.of];
    case 'model':
      return [...new Set(Object.values(node.inputs))];
    case 'ensemble':
      return node.of;
    case 'switch':
      return [node.on, ...node.cases.map(({ take }) => take), node.otherwise];
  }
};

/** What a column holds. */
type ColumnType = 'number' | 'category';

const duplicates = (names: readonly string[]): readonly string[] => [
  ...new Set(names.filter((name, index) => names.indexOf(name) !== index)),
];

/** Nodes in an order in which each comes after what it reads; those left over are in a circle. */
const inOrder = ({
  inputs,
  nodes,
}: Composition): { readonly ordered: readonly CompositionNode[]; readonly circular: readonly CompositionNode[] } => {
  const known = new Set(inputs.map(({ name }) => name));
  const ordered: CompositionNode[] = [];
  let waiting: readonly CompositionNode[] = nodes;
  while (waiting.length > 0) {
    const ready = waiting.filter((node) => sourcesOf(node).every((source) => known.has(source)));
    if (ready.length === 0) break;
    for (const { name } of ready) known.add(name);
    ordered.push(...ready);
    waiting = waiting.filter((node) => !ready.includes(node));
  }
  return { ordered, circular: waiting };
};

const typeAfter = (step: TransformStep, before: ColumnType): ColumnType | string => {
  if ('fill' in step) {
    const filled = typeof step.fill === 'number' ? 'number' : 'category';
    return filled === before ? before : `fill gives a ${filled} where the column holds a ${before}`;
  }
  if ('map' in step) {
    if (before !== 'category') return 'map needs a category';
    const { values, otherwise } = step.map;
    const given = [...Object.values(values), ...(otherwise === undefined ? [] : [otherwise])];
    const kinds = new Set(given.map((value) => typeof value));
    if (kinds.size > 1) return 'map must give numbers or text, not both';
    return kinds.has('string') ? 'category' : 'number';
  }
  return before === 'number' ? 'number' : `${Object.keys(step)[0]} needs a number`;
};

const isType = (type: string): type is ColumnType => type === 'number' || type === 'category';

type FeatureTypes = (model: string) => ReadonlyMap<string, ColumnType> | undefined;
type Columns = ReadonlyMap<string, ColumnType>;

/** What a node's column holds, and what does not fit: faults are added to the list. */
type TypeOf<Node extends CompositionNode> = (node: Node, columns: Columns, faults: string[]) => ColumnType;

const transformType: TypeOf<TransformNode> = ({ name, of, steps }, columns, faults) => {
  let type = columns.get(of) ?? 'number';
  for (const step of steps) {
    const next = typeAfter(step, type);
    if (isType(next)) type = next;
    else faults.push(`node ${name}: ${next}`);
  }
  return type;
};

const ensembleType: TypeOf<EnsembleNode> = ({ name, of }, columns, faults) => {
  const wrong = of.filter((member) => columns.get(member) === 'category');
  if (wrong.length > 0) faults.push(`node ${name} needs numbers, ${wrong.join(', ')} holds categories`);
  return 'number';
};

const switchType: TypeOf<SwitchNode> = ({ name, on, cases, otherwise }, columns, faults) => {
  for (const { when } of cases) {
    const needed = 'below' in when || typeof when.is === 'number' ? 'number' : 'category';
    if (needed !== columns.get(on)) {
      faults.push(`node ${name}: a case needs a ${needed}, ${on} holds a ${columns.get(on)}`);
    }
  }
  const branches = new Set([...cases.map(({ take }) => take), otherwise].map((branch) => columns.get(branch)));
  if (branches.size > 1) faults.push(`node ${name}: its branches hold both numbers and categories`);
  return columns.get(otherwise) ?? 'number';
};

const modelType =
  (featureTypes: FeatureTypes): TypeOf<ModelNode> =>
  ({ name, model, inputs }, columns, faults) => {
    const expected = featureTypes(model);
    if (expected === undefined) {
      faults.push(`node ${name}: model ${model} has no definition`);
      return 'number';
    }
    for (const [feature, type] of expected) {
      const source = inputs[feature];
      if (source === undefined) faults.push(`node ${name} lacks the feature ${feature} of ${model}`);
      else if (columns.get(source) !== type) {
        faults.push(`node ${name}: feature ${feature} is a ${type}, ${source} holds a ${columns.get(source)}`);
      }
    }
    const unknown = Object.keys(inputs).filter((feature) => !expected.has(feature));
    if (unknown.length > 0) faults.push(`node ${name}: ${model} has no feature ${unknown.join(', ')}`);
    return 'number';
  };

const typeFaults = (
  { inputs, output }: Composition,
  ordered: readonly CompositionNode[],
  featureTypes: FeatureTypes,
): readonly string[] => {
  const faults: string[] = [];
  const columns = new Map<string, ColumnType>(inputs.map(({ name, type }) => [name, type]));
  const ofModel = modelType(featureTypes);
  for (const node of ordered) {
    if (node.kind === 'transform') columns.set(node.name, transformType(node, columns, faults));
    else if (node.kind === 'model') columns.set(node.name, ofModel(node, columns, faults));
    else if (node.kind === 'ensemble') columns.set(node.name, ensembleType(node, columns, faults));
    else columns.set(node.name, switchType(node, columns, faults));
  }
  if (columns.get(output) === 'category') faults.push(`the output ${output} holds categories, must hold numbers`);
  return faults;
};

/** Nodes that the answer never asks for. */
const unreachable = ({ nodes, output }: Composition): readonly string[] => {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const reached = new Set<string>();
  const open = [output];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const node = byName.get(name);
    if (node === undefined || reached.has(name)) continue;
    reached.add(name);
    open.push(...sourcesOf(node));
  }
  return nodes.map(({ name }) => name).filter((name) => !reached.has(name));
};

const shapeFaults = (node: CompositionNode): readonly string[] => {
  if (node.kind === 'transform') {
    const curve = node.steps.flatMap((step) => ('curve' in step ? [step.curve] : []));
    const falls = curve.some((points) => points.some(([from], i) => i > 0 && from <= (points[i - 1]?.[0] ?? from)));
    return falls ? [`node ${node.name}: the points of a curve must rise strictly`] : [];
  }
  if (node.kind !== 'ensemble') return [];
  const { name, of, by, weights, minMembers } = node;
  const faults: string[] = [];
  if (weights !== undefined && by !== 'mean') faults.push(`node ${name}: weights belong to the mean, not the ${by}`);
  if (weights !== undefined && weights.length !== of.length) {
    faults.push(`node ${name} has ${weights.length} weights for ${of.length} members`);
  }
  if (minMembers > of.length) faults.push(`node ${name} needs ${minMembers} members and has ${of.length}`);
  return faults;
};

/** A node that may be skipped has nothing to give to any but an ensemble. */
const skipFaults = ({ nodes, output }: Composition): readonly string[] =>
  nodes.flatMap((node) => {
    if (node.kind !== 'model' || node.onFailure !== 'skip') return [];
    const readers = nodes.filter((reader) => reader.kind !== 'ensemble' && sourcesOf(reader).includes(node.name));
    const names = [...readers.map(({ name }) => `node ${name}`), ...(output === node.name ? ['the output'] : [])];
    return names.length === 0
      ? []
      : [`node ${node.name} may be skipped, but ${names.join(', ')} needs it: only an ensemble goes on without`];
  });

/** Everything that is wrong, in words that name the node; none when it is whole. */
const faultsOf = (composition: Composition, featureTypes: FeatureTypes): readonly string[] => {
  const { inputs, nodes, output } = composition;
  const names = [...inputs, ...nodes].map(({ name }) => name);
  const known = new Set(names);
  const unknown = nodes.flatMap((node) =>
    sourcesOf(node)
      .filter((source) => !known.has(source))
      .map((source) => `node ${node.name} reads ${source}, which is neither an input nor a node`),
  );
  const first = [
    ...duplicates(names).map((name) => `the name ${name} is taken twice`),
    ...unknown,
    ...(nodes.some(({ name }) => name === output) ? [] : [`the output ${output} is no node`]),
  ];
  if (first.length > 0) return first;
  const { ordered, circular } = inOrder(composition);
  if (circular.length > 0) return [`nodes read each other in a circle: ${circular.map(({ name }) => name).join(', ')}`];
  return [
    ...typeFaults(composition, ordered, featureTypes),
    ...ordered.flatMap(shapeFaults),
    ...skipFaults(composition),
    ...unreachable(composition).map((name) => `node ${name} is never asked for`),
  ];
};

/**
 * The composition with every feature of its models named.
 * @throws InvalidRequestError that says everything that does not fit.
 */
export const resolveComposition = (
  composition: CompositionDefinition,
  definitions: readonly Pick<ModelDefinition, 'name' | 'features'>[],
): CompositionDefinition => {
  const featureTypes = new Map(
    definitions.map(({ name, features }) => [name, new Map(features.map((feature) => [feature.name, feature.type]))]),
  );
  const nodes = composition.nodes.map((node) => {
    if (node.kind !== 'model') return node;
    const own = [...(featureTypes.get(node.model)?.keys() ?? [])].map((feature) => [feature, feature] as const);
    return { ...node, inputs: { ...Object.fromEntries(own), ...node.inputs } };
  });
  const resolved = { ...composition, nodes };
  const faults = faultsOf(resolved, (model) => featureTypes.get(model));
  if (faults.length === 0) return resolved;
  throw new InvalidRequestError(`composition ${composition.name} does not fit: ${faults.join('; ')}`);
};
