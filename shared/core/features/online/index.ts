export { type ComparedValue, compareFeatures, type FeatureSkew } from './compare-features.ts';
export { completeRow, entityKeysOf, type FeatureSources } from './complete-row.ts';
export { type CompletedRow, completeRows } from './complete-rows.ts';
export { type ComputedEntity, computeView, type ViewEngine } from './compute-view.ts';
export { type AskedRow, decodeEntityRow, type EntityRow } from './decode-entity-row.ts';
export { type FeatureStatus, featureStatus, readingOf, type ViewReading } from './feature-status.ts';
export {
  type EntityKey,
  type EntityValues,
  entityText,
  heldBy,
  type OnlinePlan,
  type OnlineValue,
  type OnlineView,
  onlinePlanOf,
} from './online-plan.ts';
export { type CapturedRow, type MomentOf, replayRequests } from './replay-requests.ts';
export {
  knownRowsSql,
  nextKnownSql,
  type TransformData,
  transformSql,
  type ViewSql,
  viewSqlOf,
} from './transform.ts';
