export { type InterpretedModel, interpretModel } from './interpret-model.ts';
export type { TreeContribution } from './operators/operator.ts';
export { INTERPRETED_OPERATORS } from './operators/operator-table.ts';
export type { ModelTrace, TracedNode, TracedRow, TracedValue } from './trace-plan.ts';
export type { Cell } from './value.ts';
