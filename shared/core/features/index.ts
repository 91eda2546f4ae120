export type { FeatureSpec, Task } from './feature-spec.ts';
export { checkColumns, featureColumnsSql, featureTableSql, type TableColumn } from './feature-table.ts';
export { checkInputs, decodeInputAggregates, type InputVerdict, inputAggregatesSql } from './input-checks.ts';
export * from './online/index.ts';
export {
  eventSpanSql,
  planTrainingSplit,
  type TrainingPart,
  type TrainingSplit,
  writePartSql,
} from './training-split.ts';
export { datasetViewSql, ingestedTableSql, sourceFileViewSql } from './views.ts';
