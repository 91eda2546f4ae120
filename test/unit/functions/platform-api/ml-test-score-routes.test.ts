import { beforeEach, expect, it } from 'vitest';
import { mlTestScoreRoutes } from '../../../../functions/platform-api/ml-test-score-routes.ts';
import { createMemoryArtifactStore } from '../../../../shared/adapters/memory/artifact-store.ts';
import { createMemoryAttestations } from '../../../../shared/adapters/memory/attestations.ts';
import { toJsonFile } from '../../../../shared/contracts/json-file.ts';
import { mlTestScoreKey } from '../../../../shared/contracts/ml-test-score.ts';
import { type MlTestScore, scoreModelTests } from '../../../../shared/core/ml-test-score/index.ts';
import { createRouter, renderProblem } from '../../../../shared/http/index.ts';
import { completeRecords, SCORED_AT_MS } from '../../../helpers/model-records.ts';
import { benchDefinition } from '../../../helpers/training-bench.ts';

let ask: (
  method: 'GET' | 'POST',
  path: string,
  more?: { readonly query?: Record<string, string>; readonly body?: object; readonly headers?: Record<string, string> },
) => Promise<{ readonly status: number; readonly type: string | undefined; readonly text: string }>;

beforeEach(async () => {
  const captures = createMemoryArtifactStore();
  for (const day of ['2026-11-20', '2026-11-21']) {
    const score = scoreModelTests(completeRecords({ scores: [] }), { day, earlier: [] });
    await captures.put(mlTestScoreKey('toy', day), toJsonFile(score));
  }
  const attestations = createMemoryAttestations();
  const definitions = new Map(['toy', 'unscored'].map((name) => [name, benchDefinition({ name })] as const));
  const deps = { definitions, captures, attestations, clock: { nowMs: () => SCORED_AT_MS } };
  const router = createRouter(mlTestScoreRoutes(deps), renderProblem);
  ask = async (method, path, { query = {}, body = {}, headers = {} } = {}) => {
    const request = { method, path, query, queryLists: {}, headers, body: Buffer.from(JSON.stringify(body)) };
    const answer = await router({ ...request, requestId: 'r-1', principal: 'ann' });
    return { status: answer.status, type: answer.headers?.['content-type'], text: String(answer.body) };
  };
});

const AT = '/models/toy/ml-test-score';
const itemOf = (text: string, wanted: string) =>
  (JSON.parse(text) as MlTestScore).sections.flatMap(({ items }) => items).find(({ item }) => item === wanted);

it('tells the newest score by the words of now, and that of a day as it was stored', async () => {
  const note = 'access was reviewed, see the wiki';
  const attested = await ask('POST', `${AT}/data-5/attest`, { body: { note } });
  const newest = await ask('GET', AT);
  const stored = await ask('GET', AT, { query: { day: '2026-11-20' } });

  expect(JSON.parse(attested.text)).toMatchObject({ item: 'data-5', by: 'ann', note, atMs: SCORED_AT_MS });
  expect(JSON.parse(newest.text)).toMatchObject({ day: '2026-11-21', model: 'toy' });
  expect(itemOf(newest.text, 'data-5')).toMatchObject({ points: 0.5, recordedPoints: 0, attestation: { by: 'ann' } });
  expect(JSON.parse(stored.text)).toMatchObject({ day: '2026-11-20' });
  expect(itemOf(stored.text, 'data-5')).toMatchObject({ points: 0 });
});

it('is a page for people, which runs nothing', async () => {
  const page = await ask('GET', AT, { query: { format: 'html' } });

  expect(page).toMatchObject({ status: 200, type: 'text/html; charset=utf-8' });
  expect(page.text).toContain('ML Test Score of toy');
});

it.each([
  ['GET', '/models/unscored/ml-test-score', {}, 404, 'has no ML Test Score yet'],
  ['GET', '/models/other/ml-test-score', {}, 404, 'is not deployed; deployed: toy, unscored'],
  ['POST', '/models/other/ml-test-score/data-5/attest', { body: { note: 'reviewed by hand' } }, 404, 'is not deployed'],
  ['GET', AT, { query: { day: '2026-01-01' } }, 404, 'has no ML Test Score of 2026-01-01'],
  ['GET', AT, { query: { day: 'soon' } }, 400, 'must be a day as YYYY-MM-DD'],
  ['GET', AT, { query: { month: '1' } }, 400, 'unknown key'],
  ['POST', `${AT}/data-9/attest`, { body: { note: 'reviewed by hand' } }, 404, 'data-1 to data-7'],
  ['POST', `${AT}/data-5/attest`, { body: { note: 'ok' } }, 400, 'must say what was done'],
  ['POST', `${AT}/data-5/attest`, { body: {} }, 400, 'note is missing'],
] as const)('refuses %s %s with %j', async (method, path, more, status, detail) => {
  const answer = await ask(method, path, more);

  expect(answer.status).toBe(status);
  expect(answer.text).toContain(detail);
});
