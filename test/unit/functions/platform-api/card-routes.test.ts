import { describe, expect, it } from 'vitest';
import { createHandler } from '../../../../functions/platform-api/handler.ts';
import { createMemoryArtifactStore } from '../../../../shared/adapters/memory/artifact-store.ts';
import { createMemoryRegistry } from '../../../../shared/adapters/memory/model-registry.ts';
import { createMemoryVersionComments } from '../../../../shared/adapters/memory/version-comments.ts';
import { createMemoryVersionEvaluations } from '../../../../shared/adapters/memory/version-evaluations.ts';
import { toJsonFile } from '../../../../shared/contracts/json-file.ts';
import { REPORT_CONTENT_POLICY } from '../../../../shared/core/reports/index.ts';
import { NotFoundError } from '../../../../shared/kernel/errors.ts';
import { benchDefinition } from '../../../helpers/training-bench.ts';

const QUALITY = { rowCount: 10, loss: 0.25, labelMean: 0.5, predictionMean: 0.5 };
const EVALUATION = {
  schemaVersion: 1,
  task: 'binary-classification',
  passed: true,
  findings: [],
  candidate: { quality: QUALITY },
  baseline: { prediction: 0.5, loss: 0.7 },
};

/** A version whose package holds an evaluation. */
const open = async () => {
  const { registry, lineage } = createMemoryRegistry();
  const artifacts = createMemoryArtifactStore();
  const comments = createMemoryVersionComments();
  const evaluations = createMemoryVersionEvaluations();
  const definitions = new Map([['toy', benchDefinition({ description: 'tells <toys> apart' })]]);
  const held = new Map<string, unknown>([['evaluation.json', EVALUATION]]);
  const files = {
    read: async (_version: object, file: string) => (held.has(file) ? toJsonFile(held.get(file)) : undefined),
  };
  let nowMs = 70;
  const stores = { registry, lineage, files, artifacts, evaluations, comments };
  const handler = createHandler({ ...stores, definitions, clock: { nowMs: () => ++nowMs } } as never);
  const cause = { kind: 'call', principal: 'ann', requestId: 'r' };
  await registry.startRun({ model: 'toy', runId: 'run-1', executionArn: 'arn', cause, startedAtMs: 1 });
  await registry.registerVersion(
    {
      model: 'toy',
      runId: 'run-1',
      owner: 'ann',
      principal: 'workflow:train-toy',
      modelDigest: 'd',
      artifactPrefix: 'models/toy/d/',
      manifestDigest: 'm',
      metrics: { holdoutLoss: 0.25 },
      trainedThroughMs: 1,
      datasetSnapshot: 'snapshot',
      registeredAtMs: 2,
    },
    1_000,
  );
  const ask = (query: Readonly<Record<string, string>> = {}, version = '1') =>
    handler({
      httpMethod: 'GET',
      path: `/models/toy/versions/${version}/card`,
      headers: {},
      queryStringParameters: query,
      requestContext: { requestId: 'request-1', identity: { userArn: 'bob' } },
    });
  const card = async (query: Readonly<Record<string, string>> = {}) => JSON.parse((await ask(query)).body);
  const comment = (id: string) => comments.add('toy', 1, { id, author: 'bob', atMs: 5, text: 'hm' });
  return { artifacts, files, registry, ask, card, comment };
};

describe('the card of a version', () => {
  it('is made from what is on record', async () => {
    const { card } = await open();

    expect(await card()).toMatchObject({
      cardVersion: 1,
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      generatedAtMs: 71,
      content: {
        model: 'toy',
        version: 1,
        owner: 'ann',
        description: 'tells <toys> apart',
        package: { submitter: 'ann', metrics: { holdoutLoss: 0.25 } },
        policy: { mode: 'automatic' },
        definition: { stands: 'as deployed', features: [{ name: 'x' }, { name: 'kind' }] },
        evaluation: { passed: true, candidate: { quality: QUALITY } },
        run: { runId: 'run-1', cause: { kind: 'call' } },
        scores: [{ dataset: 'holdout:snapshot' }],
        serving: false,
        comments: { count: 0, complete: true },
      },
    });
  });

  it('is kept under a new number only when it says something new, and the old one is read by its number', async () => {
    const { artifacts, card, comment } = await open();

    const first = await card();
    const again = await card();
    await comment('c-1');
    const second = await card();

    expect(again).toEqual(first);
    expect(second).toMatchObject({ cardVersion: 2, content: { comments: { count: 1 } } });
    expect(await card({ cardVersion: '1' })).toEqual(first);
    expect((await artifacts.list('cards/')).map(({ key }) => key)).toEqual([
      'cards/toy/1/1.json',
      'cards/toy/1/2.json',
    ]);
  });

  it('finds the newest beyond the ninth', async () => {
    const { card, comment } = await open();
    for (let i = 1; i <= 11; i += 1) {
      await comment(`c-${i}`);
      await card();
    }

    expect((await card()).cardVersion).toBe(11);
  });

  it('has one number however many ask at once', async () => {
    const { artifacts, card } = await open();

    const cards = await Promise.all([card(), card(), card()]);

    expect(new Set(cards.map(({ cardVersion }) => cardVersion))).toEqual(new Set([1]));
    expect(await artifacts.list('cards/')).toHaveLength(1);
  });

  it('is written as Markdown and as a page that may load nothing', async () => {
    const { ask } = await open();

    const markdown = await ask({ format: 'md' });
    const html = await ask({ format: 'html' });

    expect(markdown.headers['content-type']).toBe('text/markdown; charset=utf-8');
    expect(markdown.body).toContain('# Model card: toy, version 1');
    expect(html.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': REPORT_CONTENT_POLICY,
    });
    expect(html.body).toContain('tells &lt;toys&gt; apart');
  });

  it.each([
    ['another format', { format: 'pdf' }, 400, /format/],
    ['a number that is none', { cardVersion: '0' }, 400, /cardVersion/],
    ['a parameter that is not known', { formt: 'md' }, 400, /formt/],
    ['a card that was never made', { cardVersion: '9' }, 404, /card 9 of toy@1 does not exist/],
  ])('is refused in %s', async (_what, query, status, detail) => {
    const answer = await (await open()).ask(query as Readonly<Record<string, string>>);

    expect(answer.statusCode).toBe(status);
    expect(JSON.parse(answer.body).detail).toMatch(detail);
  });

  it('is refused of a version that does not exist', async () => {
    expect((await (await open()).ask({}, '7')).statusCode).toBe(404);
  });

  it('is refused when a kept card was changed', async () => {
    const { artifacts, ask, card } = await open();
    const first = await card();
    await artifacts.put('cards/toy/1/1.json', toJsonFile({ ...first, content: { ...first.content, owner: 'eve' } }));

    const answer = await ask({ cardVersion: '1' });

    expect(answer.statusCode).toBe(409);
    expect(JSON.parse(answer.body).detail).toContain('cards/toy/1/1.json has content of the digest');
  });

  it('tells of a version whose package is gone only once it is archived', async () => {
    const { files, registry, ask, card } = await open();
    files.read = () => Promise.reject(new NotFoundError('object models/toy/d/manifest.json does not exist'));

    const inUse = await ask();
    for (const [move, to] of [
      ['retire', 'RETIRED'],
      ['archive', 'ARCHIVED'],
    ] as const) {
      await registry.moveVersion(
        { model: 'toy', version: 1, move, reason: 'old', principal: 'bob', atMs: 9 },
        () => to,
      );
    }

    expect(inUse.statusCode).toBe(404);
    const { content } = await card();
    expect(content.lifecycle).toBe('ARCHIVED');
    expect(content.limitations[0]).toMatch(/^no evaluation is on record/);
  });
});
