import { CommentBody } from '../../shared/contracts/http/governance.ts';
import { IdempotencyKey, PageQuery, VersionParameter } from '../../shared/contracts/http/platform.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { jsonResponse, type Route } from '../../shared/http/index.ts';
import type { PlatformDeps } from './routes.ts';
import { bodyOf, principalOf } from './write-routes.ts';

/** What people say about versions. A comment is told from another by its `Idempotency-Key`, or else is a new one. */
export const versionNotesRoutes = ({ comments, clock }: PlatformDeps): readonly Route[] => [
  {
    method: 'POST',
    path: '/models/{model}/versions/{version}/comments',
    handle: async (request, { model = '', version }) => {
      const number = parse(VersionParameter, version, 'version');
      const { text } = parse(CommentBody, bodyOf(request), 'body');
      const key = request.headers['idempotency-key'];
      const id = key === undefined ? request.requestId : parse(IdempotencyKey, key, 'idempotency-key');
      const comment = { id, author: principalOf(request), atMs: clock.nowMs(), text };
      return jsonResponse(201, await comments.add(model, number, comment));
    },
  },
  {
    method: 'GET',
    path: '/models/{model}/versions/{version}/comments',
    handle: async (request, { model = '', version }) => {
      const number = parse(VersionParameter, version, 'version');
      const { limit, cursor } = parse(PageQuery, request.query, 'query');
      return jsonResponse(200, await comments.list(model, number, limit, cursor));
    },
  },
];
