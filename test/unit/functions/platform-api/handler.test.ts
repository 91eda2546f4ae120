import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createHandler } from '../../../../functions/platform-api/handler.ts';
import { createMemoryArtifactStore } from '../../../../shared/adapters/memory/artifact-store.ts';
import { createMemoryAttestations } from '../../../../shared/adapters/memory/attestations.ts';
import { createMemoryEventPublisher } from '../../../../shared/adapters/memory/event-publisher.ts';
import { createMemoryRegistry } from '../../../../shared/adapters/memory/model-registry.ts';
import { createMemoryNotificationStore } from '../../../../shared/adapters/memory/notification-store.ts';
import { createMemoryOnlineStore } from '../../../../shared/adapters/memory/online-store.ts';
import { createMemoryRoutingPlans } from '../../../../shared/adapters/memory/routing-plans.ts';
import { createMemoryUsageStore } from '../../../../shared/adapters/memory/usage-store.ts';
import { createMemoryVersionComments } from '../../../../shared/adapters/memory/version-comments.ts';
import { createMemoryVersionEvaluations } from '../../../../shared/adapters/memory/version-evaluations.ts';
import type { ApiGatewayEvent } from '../../../../shared/http/index.ts';
import { benchDefinition } from '../../../helpers/training-bench.ts';

const ANN = 'arn:aws:iam::123456789012:user/ann';

const noFiles = { gate: async () => undefined, read: async () => undefined };
const evaluations = createMemoryVersionEvaluations();
const comments = createMemoryVersionComments();

const uploads = {
  newId: () => 'a'.repeat(32),
  sign: async () => ({ url: 'https://b', headers: {}, expiresAtMs: 900_000 }),
};

const open = () => {
  const { registry, lineage, catalog } = createMemoryRegistry();
  const events = createMemoryEventPublisher();
  const definitions = new Map([['toy', benchDefinition()]]);
  const [artifacts, captures] = [createMemoryArtifactStore(), createMemoryArtifactStore()];
  const stores = {
    artifacts,
    captures,
    uploads,
    files: noFiles,
    evaluations,
    comments,
    attestations: createMemoryAttestations(),
    readEvidence: async () => undefined,
    online: createMemoryOnlineStore(),
    usage: createMemoryUsageStore(),
    plans: createMemoryRoutingPlans(() => 'r'.repeat(64)),
    rolloutEvidence: {
      get: async () => undefined,
      getLook: async () => undefined,
      listLooks: async () => ({ items: [] }),
    },
    shadowDays: { list: async () => [] },
    notifications: createMemoryNotificationStore(),
    rollBack: {
      rollBack: async () => {
        throw new Error('nobody rolls back here');
      },
    },
    batchScoring: { dataBucket: 'data', attempts: { read: async () => [], start: async () => {} } },
  };
  const handler = createHandler({
    stage: 'test',
    definitions,
    registry,
    lineage,
    ...stores,
    events,
    clock: { nowMs: () => 77 },
  });
  const ask = async (method: string, path: string, options: Partial<ApiGatewayEvent> = {}) => {
    const { statusCode, headers, body } = await handler({
      httpMethod: method,
      path,
      headers: {},
      requestContext: { requestId: 'request-1', identity: { userArn: ANN } },
      ...options,
    });
    return { status: statusCode, headers, body: JSON.parse(body) };
  };
  return { registry, catalog, events, ask };
};

const register = (registry: ReturnType<typeof open>['registry'], runId: string) =>
  registry.registerVersion(
    {
      model: 'toy',
      runId,
      owner: 'ann',
      principal: 'workflow:train',
      modelDigest: 'd',
      artifactPrefix: 'models/toy/d/',
      manifestDigest: 'm',
      metrics: {},
      trainedThroughMs: 1,
      datasetSnapshot: 'snapshot',
      registeredAtMs: 2,
    },
    1_000,
  );

beforeEach(() => {
  vi.spyOn(console, 'log').mockImplementation(() => {});
});

describe('the platform API', () => {
  it('shows a deployed model before it has a version, and then its version', async () => {
    const { registry, ask } = open();

    const before = await ask('GET', '/models');
    await register(registry, 'run-1');
    const after = await ask('GET', '/models/toy');

    expect(before.body.items).toMatchObject([{ model: 'toy', latestVersion: 0, aliases: {} }]);
    expect(after.body).toMatchObject({ model: 'toy', owner: 'ann', latestVersion: 1, deployed: true });
    expect(after.body.definition.trainer.kind).toBe('built-in');
  });

  it('shows what MLflow clients noted on versions, and their own versions beside', async () => {
    const { registry, catalog, ask } = open();
    const by = { principal: 'ann', atMs: 5 };
    await register(registry, 'run-1');
    await catalog.setVersionTag('toy', 1, 'seen', 'yes', by);
    await catalog.createVersion('toy', { source: 's3://b/k', description: 'mine', tags: {} }, by);

    const { body } = await ask('GET', '/models/toy/versions');
    const refused = await ask('POST', '/models/toy/versions/2/approve');

    expect(body.items).toMatchObject([
      { version: 2, status: 'REFERENCED', source: 's3://b/k', description: 'mine' },
      { version: 1, source: 'mlflow-artifacts:/models/toy/d', tags: { seen: 'yes' } },
    ]);
    expect(refused.status).toBe(409);
    expect(refused.body.detail).toContain('toy@2');
  });

  it('pages versions by limit and cursor', async () => {
    const { registry, ask } = open();
    for (const run of ['a', 'b', 'c']) await register(registry, run);

    const first = await ask('GET', '/models/toy/versions', { queryStringParameters: { limit: '2' } });
    const cursor = first.body.nextCursor;
    const second = await ask('GET', '/models/toy/versions', { queryStringParameters: { limit: '2', cursor } });

    expect(first.body.items.map(({ version }: { version: number }) => version)).toEqual([3, 2]);
    expect(second.body.items.map(({ version }: { version: number }) => version)).toEqual([1]);
  });

  it.each([
    ['/models/none', 404, 'RESOURCE_DOES_NOT_EXIST'],
    ['/models/none/runs', 404, 'RESOURCE_DOES_NOT_EXIST'],
    ['/models/constructor', 404, 'RESOURCE_DOES_NOT_EXIST'],
    ['/models/toy/versions/9', 404, 'RESOURCE_DOES_NOT_EXIST'],
    ['/models/toy/versions/0', 400, 'INVALID_PARAMETER_VALUE'],
    ['/models/toy/versions/1e3', 400, 'INVALID_PARAMETER_VALUE'],
    ['/models/toy/lineage/model-version/5', 404, 'RESOURCE_DOES_NOT_EXIST'],
    ['/models/toy/lineage/person/5', 400, 'INVALID_PARAMETER_VALUE'],
    ['/models/%E0%A4%A', 404, 'RESOURCE_DOES_NOT_EXIST'],
    ['/nowhere', 404, 'RESOURCE_DOES_NOT_EXIST'],
  ])('answers GET %s with %i and problem details', async (path, status, code) => {
    const { ask } = open();

    const answer = await ask('GET', path);

    expect(answer).toMatchObject({ status, body: { status, title: code, type: 'about:blank' } });
    expect(answer.headers['content-type']).toBe('application/problem+json');
  });

  it('answers a known path asked another way with 405 and what is allowed', async () => {
    const { ask } = open();

    const answer = await ask('DELETE', '/models/toy');

    expect(answer).toMatchObject({ status: 405, headers: { allow: 'GET' } });
  });

  it.each(['0', '101', 'many'])('refuses a limit of %s', async (limit) => {
    const { ask } = open();

    expect((await ask('GET', '/models/toy/versions', { queryStringParameters: { limit } })).status).toBe(400);
  });

  it('asks for training in the caller’s name, by the caller’s key when it gives one', async () => {
    const { events, ask } = open();

    const plain = await ask('POST', '/models/toy/train', { body: '{"reason":"storms"}' });
    await ask('POST', '/models/toy/train', { headers: { 'Idempotency-Key': 'key-1' }, body: null });

    expect(plain).toMatchObject({ status: 202, body: { model: 'toy', requestId: 'request-1' } });
    expect(events.published).toEqual([
      {
        type: 'Training Requested',
        detail: { model: 'toy', principal: ANN, requestId: 'request-1', reason: 'storms' },
      },
      { type: 'Training Requested', detail: { model: 'toy', principal: ANN, requestId: 'key-1' } },
    ]);
  });

  it('lets one person decide: the same again stands, the other answers 409', async () => {
    const { registry, events, ask } = open();
    await register(registry, 'run-1');

    const approved = await ask('POST', '/models/toy/versions/1/approve', { body: '{"reason":"good"}' });
    const again = await ask('POST', '/models/toy/versions/1/approve');
    const rejected = await ask('POST', '/models/toy/versions/1/reject');

    expect(approved.body).toMatchObject({
      status: 'APPROVED',
      decidedBy: ANN,
      decidedAtMs: 77,
      decisionReason: 'good',
    });
    expect(again.body).toEqual(approved.body);
    expect(rejected).toMatchObject({ status: 409, body: { title: 'INVALID_STATE' } });
    const approval = { type: 'Model Version Approved', detail: { model: 'toy', version: 1, principal: ANN } };
    expect(events.published).toEqual([approval, approval]);
  });

  it('shows the whole way from a version up to its data', async () => {
    const { registry, ask } = open();
    await register(registry, 'run-1');

    const { body } = await ask('GET', '/models/toy/lineage/model-version/1');
    const down = await ask('GET', '/models/toy/lineage/run/run-1', {
      queryStringParameters: { direction: 'downstream' },
    });
    const end = await ask('GET', '/models/toy/lineage/dataset-snapshot/snapshot');

    expect(body.edges.map(({ upstream }: { upstream: object }) => upstream)).toEqual([
      { kind: 'run', id: 'toy/run-1' },
      { kind: 'dataset-snapshot', id: 'snapshot' },
    ]);
    expect(body.truncated).toBe(false);
    expect(down.body.edges).toMatchObject([{ downstream: { kind: 'model-version', id: 'toy@1' } }]);
    expect(end).toMatchObject({ status: 200, body: { edges: [] } });
  });

  it.each([
    ['is not JSON', 'x', 400],
    ['is nested deeply', '['.repeat(30_000) + ']'.repeat(30_000), 400],
    ['has a field that is not known', '{"reasons":"x"}', 400],
    ['has a reason that is too long', JSON.stringify({ reason: 'x'.repeat(1_001) }), 400],
    ['is too large', JSON.stringify({ reason: 'x'.repeat(70_000) }), 413],
  ])('refuses a body that %s', async (_what, body, status) => {
    const { ask } = open();

    const answer = await ask('POST', '/models/toy/train', { body });

    expect(answer.status).toBe(status);
    expect(answer.body.detail.length).toBeLessThan(500);
  });

  it('hides a bug from the caller and tells the log', async () => {
    const { registry, ask } = open();
    vi.spyOn(registry, 'getModel').mockRejectedValue(new TypeError('secret'));
    const log = vi.spyOn(console, 'log');

    const answer = await ask('GET', '/models/toy');

    expect(answer.status).toBe(500);
    expect(JSON.stringify(answer.body)).not.toContain('secret');
    expect(log.mock.calls.flat().join()).toContain('secret');
  });
});
