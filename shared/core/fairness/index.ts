export { type FairnessReport, type FairnessRow, type FairnessSummary, measureFairness } from './measure-fairness.ts';
export type { GroupedRows, MeasuredSpread, MeasuredValue } from './metric-frame.ts';
