import { definitionOf } from '../../shared/contracts/definitions.ts';
import { IdempotencyKey } from '../../shared/contracts/http/platform.ts';
import { parseJsonFile } from '../../shared/contracts/json-file.ts';
import {
  AttestBody,
  MlTestScoreQuery,
  MlTestScoreSchema,
  mlTestScoreKey,
  mlTestScorePrefix,
} from '../../shared/contracts/ml-test-score.ts';
import { parse } from '../../shared/contracts/parse.ts';
import {
  attest,
  type MlTestScore,
  renderMlTestScore,
  requireItem,
  withWords,
} from '../../shared/core/ml-test-score/index.ts';
import { REPORT_CONTENT_POLICY } from '../../shared/core/reports/index.ts';
import { jsonResponse, type Route } from '../../shared/http/index.ts';
import { NotFoundError } from '../../shared/kernel/errors.ts';
import type { PlatformDeps } from './routes.ts';
import { bodyOf, principalOf } from './write-routes.ts';

type Deps = Pick<PlatformDeps, 'definitions' | 'captures' | 'attestations' | 'clock'>;

const HTML_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': REPORT_CONTENT_POLICY,
  'x-content-type-options': 'nosniff',
};

const newestKey = async ({ captures }: Deps, model: string): Promise<string | undefined> =>
  (await captures.list(mlTestScorePrefix(model))).at(-1)?.key;

/** @throws NotFoundError for a model that is not deployed, and for one, or a day, without a score. */
const readScore = async (deps: Deps, model: string, day: string | undefined): Promise<MlTestScore> => {
  definitionOf(deps.definitions, model);
  const key = day === undefined ? await newestKey(deps, model) : mlTestScoreKey(model, day);
  const missing = new NotFoundError(
    day === undefined
      ? `${model} has no ML Test Score yet: its drift check makes one a day once a version serves`
      : `${model} has no ML Test Score of ${day}`,
  );
  if (key === undefined) throw missing;
  const bytes = await deps.captures.get(key).catch((error: unknown) => {
    throw error instanceof NotFoundError ? missing : error;
  });
  return parseJsonFile(MlTestScoreSchema, bytes, key);
};

/**
 * A model's ML Test Score, and vouching for its items. The newest score is told by the words of now; that of a day as it
 * was stored.
 */
export const mlTestScoreRoutes = (deps: Deps): readonly Route[] => [
  {
    method: 'GET',
    path: '/models/{model}/ml-test-score',
    handle: async (request, { model = '' }) => {
      const { day, format } = parse(MlTestScoreQuery, request.query, 'query');
      const stored = await readScore(deps, model, day);
      const words = day === undefined ? await deps.attestations.list(model) : undefined;
      const score = words === undefined ? stored : withWords(stored, words, deps.clock.nowMs());
      if (format === 'json') return jsonResponse(200, score);
      return { status: 200, headers: HTML_HEADERS, body: renderMlTestScore(score) };
    },
  },
  {
    method: 'POST',
    path: '/models/{model}/ml-test-score/{item}/attest',
    handle: async (request, { model = '', item = '' }) => {
      requireItem(item);
      definitionOf(deps.definitions, model);
      const { note } = parse(AttestBody, bodyOf(request), 'body');
      const key = request.headers['idempotency-key'];
      const requestId = key === undefined ? request.requestId : parse(IdempotencyKey, key, 'idempotency-key');
      const word = attest({ item, note, by: principalOf(request), atMs: deps.clock.nowMs(), requestId });
      return jsonResponse(200, await deps.attestations.put(model, word));
    },
  },
];
