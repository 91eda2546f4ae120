import { cardPath, type PagePlace, rolloutReportPath, TIMELINE_PATH } from '../reports/index.ts';

export type { PagePlace };

/** Parts of a model's page, by the ids that links point to. */
export const PARTS = {
  distributions: 'distributions',
  heatMap: 'heat-map',
  quality: 'quality',
  canary: 'canary',
  slices: 'slices',
  tests: 'tests',
  retraining: 'retraining',
  lineage: 'lineage',
  notifications: 'notifications',
  score: 'score',
} as const;

/** No model's name has an underscore, so a model that is called `index` does not take the fleet's place. */
export const pageFileName = (model: string): string => (model === 'index' ? 'index_' : model);

/** From the fleet's page, at `/pages` or `index.html`. */
export const modelPageHref = (place: PagePlace, model: string): string =>
  place === 'api' ? `pages/${encodeURIComponent(model)}` : `${encodeURIComponent(pageFileName(model))}.html`;

/** From a model's page, at `/pages/{model}` or `{model}.html`. */
export const fleetPageHref = (place: PagePlace): string => (place === 'api' ? '../pages' : 'index.html');

const below = (model: string, path: string): string => `../models/${encodeURIComponent(model)}/${path}`;

/** What is known of a version. */
export const versionHref = (place: PagePlace, model: string, version: number): string =>
  place === 'api' ? below(model, cardPath(version)) : `#${PARTS.quality}`;

export const rolloutHref = (place: PagePlace, model: string, rolloutId: string): string =>
  place === 'api' ? below(model, `${rolloutReportPath(rolloutId)}?format=html`) : `#${PARTS.canary}`;

export const timelineHref = (model: string): string => below(model, `${TIMELINE_PATH}?format=html`);
