import { InvalidRequestError } from '../../kernel/errors.ts';
import type { OnnxModel, OnnxValue } from '../onnx/index.ts';
import { readMlflowSchema, type SchemaField } from './mlflow-signature.ts';
import type { Mlmodel } from './read-mlmodel.ts';

/** Where the signature that a client logged contradicts the graph: one of the two is not what its author means. */

const MOST_NAMED = 5;

const listed = (names: readonly string[]): string => {
  const shown = names.slice(0, MOST_NAMED).map((name) => JSON.stringify(name.slice(0, 60)));
  return names.length > MOST_NAMED ? `${shown.join(', ')} and ${names.length - MOST_NAMED} more` : shown.join(', ');
};

const graphKind = ({ elementType }: OnnxValue): SchemaField['kind'] => {
  if (elementType === 'STRING') return 'text';
  return elementType === 'BOOL' || elementType?.startsWith('COMPLEX') ? 'other' : 'number';
};

const showShape = (shape: readonly (number | string | undefined)[]): string =>
  `[${shape.map((size) => size ?? '?').join(', ')}]`;

const shapesDiffer = (logged: readonly number[], graph: OnnxValue['shape']): boolean =>
  graph !== undefined &&
  (logged.length !== graph.length ||
    logged.some((size, axis) => {
      const other = graph[axis];
      return size >= 0 && typeof other === 'number' && other >= 0 && size !== other;
    }));

const fieldFaults = (what: string, field: SchemaField, value: OnnxValue): readonly string[] => {
  const { kind, type, shape } = field;
  const name = JSON.stringify(value.name.slice(0, 60));
  const kindFault =
    kind === graphKind(value)
      ? []
      : [`its MLflow signature has ${what} ${name} as ${type}, the graph as ${value.elementType}`];
  const shapeFault =
    shape !== undefined && shapesDiffer(shape, value.shape)
      ? [
          `its MLflow signature has ${what} ${name} in the shape ${showShape(shape)}, the graph in ${showShape(value.shape ?? [])}`,
        ]
      : [];
  return [...kindFault, ...shapeFault];
};

const sideFaults = (what: 'input' | 'output', json: string, values: readonly OnnxValue[]): readonly string[] => {
  let fields: readonly SchemaField[];
  try {
    fields = readMlflowSchema(json);
  } catch (error) {
    if (!(error instanceof InvalidRequestError)) throw error;
    return [`its MLflow signature's ${what}s cannot be read: ${error.message}`];
  }
  const unnamed = fields.filter(({ name }) => name === undefined);
  if (unnamed.length > 0) {
    const [field, value] = [unnamed[0], values[0]];
    if (fields.length > 1 || values.length !== 1 || field === undefined || value === undefined) {
      return [`its MLflow signature has ${fields.length} ${what}s without names, the graph has ${values.length}`];
    }
    return fieldFaults(what, field, value);
  }
  const byName = new Map(values.map((value) => [value.name, value]));
  const logged = new Set(fields.map(({ name }) => name));
  const unknown = fields.flatMap(({ name = '' }) => (byName.has(name) ? [] : [name]));
  const left = values.map(({ name }) => name).filter((name) => !logged.has(name));
  return [
    ...(unknown.length === 0
      ? []
      : [`its MLflow signature has the ${what}s ${listed(unknown)}, which the graph has not`]),
    ...(left.length === 0 ? [] : [`its MLflow signature leaves out the graph's ${what}s ${listed(left)}`]),
    ...fields.flatMap((field) => {
      const value = byName.get(field.name ?? '');
      return value === undefined ? [] : fieldFaults(what, field, value);
    }),
  ];
};

/** None for a model that was logged without a signature. */
export const signatureFaults = (
  { inputs, outputs }: Pick<Mlmodel, 'inputs' | 'outputs'>,
  graph: Pick<OnnxModel, 'inputs' | 'outputs'>,
): readonly string[] => [
  ...(inputs === undefined ? [] : sideFaults('input', inputs, graph.inputs)),
  ...(outputs === undefined ? [] : sideFaults('output', outputs, graph.outputs)),
];
