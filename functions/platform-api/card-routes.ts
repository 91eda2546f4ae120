import { CardQuery } from '../../shared/contracts/http/governance.ts';
import { VersionParameter } from '../../shared/contracts/http/platform.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { describeVersion, type ModelCard, renderCardMarkdown } from '../../shared/core/governance/index.ts';
import { REPORT_CONTENT_POLICY, renderCardHtml } from '../../shared/core/reports/index.ts';
import { type HttpResponse, jsonResponse, type Route } from '../../shared/http/index.ts';
import { gatherCardEvidence } from './gather-card-evidence.ts';
import { keepCard, readCard } from './keep-card.ts';
import type { PlatformDeps } from './routes.ts';

const textResponse = (body: string, headers: Readonly<Record<string, string>>): HttpResponse => ({
  status: 200,
  headers: { ...headers, 'x-content-type-options': 'nosniff' },
  body,
});

const WRITE: Readonly<Record<'json' | 'md' | 'html', (card: ModelCard) => HttpResponse>> = {
  json: (card) => jsonResponse(200, card),
  md: (card) => textResponse(renderCardMarkdown(card), { 'content-type': 'text/markdown; charset=utf-8' }),
  html: (card) =>
    textResponse(renderCardHtml(card), {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': REPORT_CONTENT_POLICY,
    }),
};

/**
 * A version's model card, made from what is on record when it is asked for. It is kept under a new number when it says
 * something new; by its number, an earlier one is read again.
 */
export const cardRoutes = (deps: PlatformDeps): readonly Route[] => [
  {
    method: 'GET',
    path: '/models/{model}/versions/{version}/card',
    handle: async (request, { model = '', ...parameters }) => {
      const version = parse(VersionParameter, parameters.version, 'version');
      const { format, cardVersion } = parse(CardQuery, request.query, 'query');
      if (cardVersion !== undefined) {
        return WRITE[format](await readCard(deps.artifacts, { model, version, cardVersion }));
      }
      const content = describeVersion(await gatherCardEvidence(deps, model, version));
      return WRITE[format](await keepCard(deps.artifacts, content, deps.clock.nowMs()));
    },
  },
];
