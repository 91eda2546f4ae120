export {
  deletedModel,
  MODEL_VERSIONS_TAG,
  type NewLoggedModel,
  newLoggedModel,
  withoutTag,
  withParams,
  withRegistration,
  withStatus,
  withTags,
} from './change-model.ts';
export { newestMetric, withMetrics } from './merge-metrics.ts';
export type { LoggedModelRules } from './rules.ts';
export { type LoggedModelSearch, searchLoggedModels, sourceRunOf } from './search-models.ts';
