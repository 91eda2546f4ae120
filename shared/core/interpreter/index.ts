export { type InterpretedModel, interpretModel } from './interpret-model.ts';
export type { TreeContribution } from './operators/operator.ts';
export { interpretedOperators } from './operators/operator-table.ts';
export { readTreeModel, type TreeModel, type TreeRows } from './read-tree-model.ts';
export type { ModelTrace, TracedNode, TracedRow, TracedValue } from './trace-plan.ts';
export type { Cell } from './value.ts';
