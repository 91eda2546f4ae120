import * as v from 'valibot';
import { closedObject } from './closed-object.ts';

/** Pages about models: where they lie in the data bucket, and how they are asked for. */

export const PAGES_PREFIX = 'pages/';

/** No model's name has an underscore, so a model that is called `index` does not take the fleet's place. */
const fileName = (model: string): string => (model === 'index' ? 'index_' : model);

export const fleetPageKey = (format: 'html' | 'json'): string => `${PAGES_PREFIX}index.${format}`;
export const modelPageKey = (model: string, format: 'html' | 'json'): string =>
  `${PAGES_PREFIX}${fileName(model)}.${format}`;
/** A model's row of the fleet's page, as its own check left it. */
export const modelSummaryKey = (model: string): string => `${PAGES_PREFIX}summaries/${model}.json`;

/** Input of render-pages. */
export const RenderPagesInput = v.object({
  model: v.string(),
  /** ISO 8601; when the pages say that they were made. */
  scheduledAt: v.pipe(v.string(), v.isoTimestamp()),
});

/** Query of `GET /pages` and `GET /pages/{model}`. */
export const PagesQuery = closedObject({ format: v.optional(v.picklist(['html', 'json']), 'html') });
