import type { Plan, Step } from './plan.ts';
import type { Value } from './value.ts';

/** Of each column of a value (all that stands beyond its first axis): the inputs it depends on, by their places. */
type Columns = readonly (readonly number[])[];

/** Operators that make each column of a table from the columns at the same place. */
const COLUMN_BY_COLUMN = new Set([
  'Abs',
  'Add',
  'Cast',
  'Ceil',
  'Clip',
  'Div',
  'Equal',
  'Exp',
  'Floor',
  'Greater',
  'GreaterOrEqual',
  'Identity',
  'IsNaN',
  'Less',
  'LessOrEqual',
  'Log',
  'Max',
  'Min',
  'Mul',
  'Neg',
  'Not',
  'Pow',
  'Round',
  'Sqrt',
  'Sub',
  'Where',
  'ai.onnx.ml:Binarizer',
  'ai.onnx.ml:Imputer',
  'ai.onnx.ml:LabelEncoder',
  'ai.onnx.ml:Scaler',
]);

const widthOf = ({ shape }: Value): number => shape.slice(1).reduce((product, size) => product * size, 1);

const union = (lists: Iterable<readonly number[]>): readonly number[] => [...new Set([...lists].flat())].sort();

const columnsOfInputs = (step: Step, known: ReadonlyMap<number, Columns>): readonly Columns[] =>
  step.inputSlots.flatMap((slot) => {
    const columns = known.get(slot);
    return columns === undefined ? [] : [columns];
  });

/** @param width of the output. */
const outputColumns = (step: Step, inputs: readonly Columns[], output: Value): Columns => {
  const width = widthOf(output);
  const all = union(inputs.flat());
  const flat = output.shape.length === 2;
  const axis = step.node.attributes.integer('axis');
  if (step.node.operator === 'Concat' && flat && (axis === 1 || axis === -1)) {
    const joined = inputs.flat();
    if (joined.length === width) return joined;
  }
  if (
    COLUMN_BY_COLUMN.has(step.node.operator) &&
    flat &&
    inputs.every(({ length }) => length === width || length === 1)
  ) {
    return Array.from({ length: width }, (_, at) => union(inputs.map((columns) => columns[at] ?? columns[0] ?? [])));
  }
  // Of one input alone all that follows depends on it, whatever is done; of several, each column may on all.
  return Array.from({ length: width }, () => all);
};

/**
 * Follows what the columns of a value are computed from. Never too few: where an operator is not followed column by
 * column, each of its columns counts as made from all of its inputs.
 * @param slots after a run of one row: shapes are read from it.
 */
export const traceSources = (
  plan: Plan,
  steps: readonly Step[],
  slots: readonly (Value | undefined)[],
  place: number,
): Columns => {
  const known = new Map<number, Columns>(
    plan.inputs.map((_, at) => [at, Array.from({ length: widthOf(slots[at] as Value) }, () => [at])]),
  );
  for (const step of steps) {
    const inputs = columnsOfInputs(step, known);
    for (const slot of step.outputSlots) {
      const output = slots[slot];
      if (slot !== -1 && output !== undefined) known.set(slot, outputColumns(step, inputs, output));
    }
  }
  return known.get(place) ?? [];
};
