import { InvalidRequestError } from '../../kernel/errors.ts';
import { readFeatureCells } from './feature-tensor.ts';
import { readElements } from './json-elements.ts';
import type { ScoringBody } from './mlflow-body.ts';
import type { InputPlan, ModelPlan } from './model-plan.ts';
import { MAX_INSTANCES } from './predict-request.ts';
import type { Datatype, Tensor } from './tensor.ts';
import { readShape } from './tensor-shape.ts';

/** A scoring request's columns or arrays as a model's tensors. What the model does not take is left out, as MLflow does. */

const MISSING_MARKS = new Set(['', 'nan', 'na', 'n/a', 'null', 'none', '<na>']);

/** A cell of CSV as JSON would have brought it; what does not fit is left as it is, for the message. */
const cellOfText = (text: string, datatype: Datatype): unknown => {
  if (datatype === 'BYTES') return text;
  const trimmed = text.trim();
  if (datatype === 'BOOL') return /^(true|false)$/i.test(trimmed) ? trimmed.toLowerCase() === 'true' : text;
  if (MISSING_MARKS.has(trimmed.toLowerCase())) return null;
  if ((datatype === 'INT64' || datatype === 'UINT64') && /^-?\d+$/.test(trimmed)) return BigInt(trimmed);
  const value = Number(trimmed);
  return Number.isNaN(value) ? text : value;
};

interface Arrays {
  /** By the input's name: nested lists, or a column's cells. */
  readonly byName: ReadonlyMap<string, unknown>;
}

const requireNames = (plan: ModelPlan, { byName }: Arrays): void => {
  const missing = [...plan.inputIndex.keys()].filter((name) => !byName.has(name));
  if (missing.length > 0) {
    throw new InvalidRequestError(
      `the request lacks ${missing.join(', ')}; the model takes ${[...plan.inputIndex.keys()].join(', ')}`,
    );
  }
};

/** The rows of a table without names of its own, for a model that takes one matrix. */
const matrixOf = (columns: readonly (readonly unknown[])[], rowCount: number, rank: number): readonly unknown[] =>
  rank === 1 && columns.length === 1
    ? (columns[0] ?? [])
    : Array.from({ length: rowCount }, (_, row) => columns.map((column) => column[row]));

const textCells = (cells: readonly unknown[], datatype: Datatype): readonly unknown[] =>
  cells.map((cell) => cellOfText(String(cell), datatype));

const arraysOfTable = (plan: ModelPlan, body: Extract<ScoringBody, { kind: 'table' }>): Arrays => {
  const { columns, rowCount, text } = body;
  const [only, ...others] = plan.inputs;
  const inDatatype = (cells: readonly unknown[], { spec }: InputPlan): readonly unknown[] =>
    text ? textCells(cells, spec.datatype) : cells;
  if (only !== undefined && others.length === 0 && !columns.has(only.spec.name) && plan.signature === undefined) {
    const cells = [...columns.values()].map((column) => inDatatype(column, only));
    return { byName: new Map([[only.spec.name, matrixOf(cells, rowCount, only.spec.shape.length)]]) };
  }
  return {
    byName: new Map(
      plan.inputs.flatMap((input) => {
        const cells = columns.get(input.spec.name);
        return cells === undefined ? [] : [[input.spec.name, inDatatype(cells, input)] as const];
      }),
    ),
  };
};

const arraysOf = (plan: ModelPlan, body: ScoringBody): Arrays => {
  if (body.kind === 'table') return arraysOfTable(plan, body);
  if (body.kind === 'tensors') return body;
  const [only, ...others] = plan.inputs;
  if (only !== undefined && others.length === 0) return { byName: new Map([[only.spec.name, body.data]]) };
  throw new InvalidRequestError(
    `a list without names fits a model of one input; this one takes ${[...plan.inputIndex.keys()].join(', ')}`,
  );
};

/** The lengths of the first list on each level, no deeper than a shape can be. */
const nestedShape = (data: unknown, deepest: number): readonly number[] => {
  const shape: number[] = [];
  for (let level = data; Array.isArray(level) && shape.length <= deepest; level = level[0]) shape.push(level.length);
  return shape;
};

const tensorOf = ({ spec, feature, where }: InputPlan, given: unknown, sizeBytes: number): Tensor => {
  const { name, datatype } = spec;
  if (feature !== undefined) {
    const cells = Array.isArray(given) ? given : [given];
    if (cells.length < 1 || cells.length > MAX_INSTANCES) {
      throw new InvalidRequestError(`${where} must have 1 to ${MAX_INSTANCES} rows, got ${cells.length}`);
    }
    return { name, datatype, shape: [cells.length, 1], data: readFeatureCells(feature, cells, cells.length, where) };
  }
  const data = Array.isArray(given) ? given : [given];
  const rank = spec.shape.length;
  const found = Array.isArray(given) ? nestedShape(given, rank) : [];
  // A column of single values for an input of [rows, 1].
  const isColumn = found.length === 1 && rank === 2 && (spec.shape[1] === 1 || spec.shape[1] === -1);
  const { shape, count } = readShape(spec, isColumn ? [...found, 1] : found, sizeBytes, where);
  return { name, datatype, shape, data: readElements({ datatype, shape, count }, data, where) };
};

/**
 * @param sizeBytes of the body: no tensor has more elements.
 * @throws InvalidRequestError that names the input.
 */
export const scoringTensors = (plan: ModelPlan, body: ScoringBody, sizeBytes: number): readonly Tensor[] => {
  const arrays = arraysOf(plan, body);
  requireNames(plan, arrays);
  const tensors = plan.inputs.map((input) => tensorOf(input, arrays.byName.get(input.spec.name), sizeBytes));
  const rowCount = tensors[0]?.shape[0];
  const uneven = plan.signature === undefined ? undefined : tensors.find(({ shape }) => shape[0] !== rowCount);
  if (uneven === undefined) return tensors;
  throw new InvalidRequestError(`input ${uneven.name} has ${uneven.shape[0]} rows, the first has ${rowCount}`);
};
