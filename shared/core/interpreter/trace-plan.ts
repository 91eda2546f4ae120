import type { Tensor } from '../inference/index.ts';
import type { TreeContribution } from './operators/operator.ts';
import type { Plan, Step } from './plan.ts';
import { runStep, startSlots } from './run-plan.ts';
import { type Cell, type Cells, cellsOf, type Value } from './value.ts';

const MOST_VALUES = 32;
const MOST_ROWS = 4;
const MOST_TREES = 1_000;

/** A value as a trace shows it; a constant that an operator reads is one as well. */
export interface TracedValue {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  /** The first 32 at most. */
  readonly values: readonly Cell[];
}

/** What each tree said of one row. */
export interface TracedRow {
  readonly row: number;
  /** In the order in which they are added up, the first 1,000 at most. */
  readonly trees: readonly TreeContribution[];
}

export interface TracedNode {
  readonly name: string;
  readonly operator: string;
  readonly inputs: readonly TracedValue[];
  readonly outputs: readonly TracedValue[];
  /** Of an ensemble of trees: the first 4 rows at most. */
  readonly trees?: readonly TracedRow[];
}

/** One prediction, operator by operator, in the order in which they ran; what is constant was computed before. */
export interface ModelTrace {
  readonly nodes: readonly TracedNode[];
  readonly outputs: readonly Tensor[];
}

const firstValues = (cells: Cells): readonly Cell[] =>
  Array.from({ length: Math.min(MOST_VALUES, cells.length) }, (_, i) => cells[i] as Cell);

const traced = (name: string, value: Value): TracedValue => ({
  name,
  datatype: value.datatype,
  shape: value.shape,
  values: firstValues(cellsOf(value)),
});

const tracedAll = (
  names: readonly string[],
  slots: readonly number[],
  values: readonly (Value | undefined)[],
): readonly TracedValue[] =>
  names.flatMap((name, i) => {
    const value = values[slots[i] as number];
    return value === undefined ? [] : [traced(name, value)];
  });

const treesOf = ({ compiled, inputSlots }: Step, slots: readonly (Value | undefined)[]): readonly TracedRow[] => {
  const input = slots[inputSlots[0] as number];
  const rowCount = Math.min(MOST_ROWS, input?.shape[0] ?? 0);
  return Array.from({ length: rowCount }, (_, row) => ({
    row,
    trees: compiled.explainTrees?.(input as Value, row).slice(0, MOST_TREES) ?? [],
  }));
};

/** @throws InvalidRequestError as a run does. */
export const tracePlan = (plan: Plan, inputs: readonly Tensor[]): ModelTrace => {
  const slots = startSlots(plan, inputs);
  const nodes = plan.steps.map((step): TracedNode => {
    runStep(step, slots);
    return {
      name: step.node.name,
      operator: step.node.operator,
      inputs: tracedAll(step.node.inputs, step.inputSlots, slots),
      outputs: tracedAll(step.node.outputs, step.outputSlots, slots),
      ...(step.compiled.explainTrees === undefined ? {} : { trees: treesOf(step, slots) }),
    };
  });
  const outputs = plan.outputs.map(({ name }, i) => ({ ...(slots[plan.outputSlots[i] as number] as Value), name }));
  return { nodes, outputs };
};
