export { type ModelPage, modelPage } from './model-page.ts';
export { type ModelSummary, modelSummary } from './model-summary.ts';
export type { DriftFacts, ModelFacts, SummaryFacts } from './page-facts.ts';
export { PAGES_CONTENT_POLICY } from './page-script.ts';
export { type Fleet, renderFleetPage } from './render-fleet.ts';
export { renderModelPage } from './render-model-page.ts';
export { renderStaleness } from './render-retraining.ts';
export { causeText, type StalenessCurve } from './retraining-story.ts';
