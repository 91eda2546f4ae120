import { type PageStores, readModelFacts, readSummaryFacts } from '../../shared/adapters/pages/read-model-facts.ts';
import { definitionOf } from '../../shared/contracts/definitions.ts';
import type { ModelDefinition } from '../../shared/contracts/model-definition.ts';
import { PagesQuery } from '../../shared/contracts/pages.ts';
import { parse } from '../../shared/contracts/parse.ts';
import {
  modelPage,
  modelSummary,
  PAGES_CONTENT_POLICY,
  renderFleetPage,
  renderModelPage,
} from '../../shared/core/pages/index.ts';
import { type HttpResponse, jsonResponse, type Route } from '../../shared/http/index.ts';
import type { PlatformDeps } from './routes.ts';

type Deps = Pick<
  PlatformDeps,
  'stage' | 'definitions' | 'registry' | 'rolloutEvidence' | 'lineage' | 'captures' | 'artifacts' | 'clock'
> &
  Pick<PageStores, 'notifications'>;

/** Models whose records are read at the same time. */
const MODELS_AT_ONCE = 8;

const pageResponse = <Data>(format: 'html' | 'json', data: Data, render: (data: Data) => string): HttpResponse => {
  if (format === 'json') return jsonResponse(200, data);
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': PAGES_CONTENT_POLICY,
    'x-content-type-options': 'nosniff',
  };
  return { status: 200, headers, body: render(data) };
};

const subjectOf = ({ name, owner, description }: ModelDefinition) => ({ name, owner, description });

const mapInParts = async <T, U>(items: readonly T[], map: (item: T) => Promise<U>): Promise<readonly U[]> => {
  const mapped: U[] = [];
  for (let start = 0; start < items.length; start += MODELS_AT_ONCE) {
    mapped.push(...(await Promise.all(items.slice(start, start + MODELS_AT_ONCE).map(map))));
  }
  return mapped;
};

/**
 * Pages about all models and about one, made from the records when they are asked for: a canary is shown as it stands now,
 * not as it stood at the last check.
 */
export const pagesRoutes = (deps: Deps): readonly Route[] => {
  const { stage, definitions, registry, rolloutEvidence, lineage, captures, artifacts, notifications, clock } = deps;
  const stores: PageStores = { registry, rolloutEvidence, lineage, data: captures, artifacts, notifications };
  return [
    {
      method: 'GET',
      path: '/pages',
      handle: async (request) => {
        const { format } = parse(PagesQuery, request.query, 'query');
        const atMs = clock.nowMs();
        const facts = await mapInParts([...definitions.values()], (definition) =>
          readSummaryFacts(stores, subjectOf(definition), atMs),
        );
        const fleet = { stage, atMs, models: facts.map(modelSummary) };
        return pageResponse(format, fleet, (data) => renderFleetPage(data, 'api'));
      },
    },
    {
      method: 'GET',
      path: '/pages/{model}',
      handle: async (request, { model = '' }) => {
        const { format } = parse(PagesQuery, request.query, 'query');
        const subject = subjectOf(definitionOf(definitions, model));
        const page = modelPage(await readModelFacts(stores, subject, clock.nowMs()));
        return pageResponse(format, page, (data) => renderModelPage(data, 'api'));
      },
    },
  ];
};
