export * from './apply-log-batch.ts';
export { refuseClimbingQuery } from './artifact-location.ts';
export * from './change-run.ts';
export * from './create-run.ts';
export * from './dataset-rules.ts';
export * from './experiment-fields.ts';
export * from './experiment-rules.ts';
export { parseExperimentFilter, parseExperimentOrderBy } from './filter/experiments.ts';
export {
  type LoggedModelOrder,
  parseLoggedModelFilter,
  parseLoggedModelOrderBy,
} from './filter/logged-models.ts';
export { parseModelVersionFilter, parseModelVersionOrderBy } from './filter/model-versions.ts';
export { parseRegisteredModelFilter, parseRegisteredModelOrderBy } from './filter/registered-models.ts';
export { parseRunFilter, parseRunOrderBy } from './filter/runs.ts';
export { parseTraceFilter, parseTraceOrderBy } from './filter/traces.ts';
export * from './log-batch.ts';
export type * from './logged-model.ts';
export { appendToModelHistory, MODEL_HISTORY_TAG } from './model-history.ts';
export type * from './run.ts';
export { compareRuns, matchesRun, runValue } from './run-fields.ts';
export { generatedRunName } from './run-name.ts';
export { sampleSteps } from './sample-steps.ts';
export type { DatasetChoice, FieldValue, ReadField } from './search/field-value.ts';
export { compareTexts } from './search/field-value.ts';
export { matcherOf } from './search/match-filter.ts';
export { decodePageToken, encodePageToken } from './search/page-token.ts';
export * from './search/search-list.ts';
export type * from './search.ts';
export type { EntryRange, RunEntry, RunIndexReads } from './search-runs/run-index-reads.ts';
export { type RunPage, type RunSearch, searchRuns } from './search-runs/search-runs.ts';
export { validateKey } from './validate-key.ts';
export {} from './view.ts';
