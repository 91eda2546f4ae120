import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHandler } from '../../../functions/deliver-webhook/handler.ts';
import type { WorkspacePorts } from '../../../functions/tracking-api/deps.ts';
import { webhookRoutes } from '../../../functions/tracking-api/webhook-routes.ts';
import { createWebhookStore } from '../../../shared/adapters/dynamodb/webhooks.ts';
import { isPublicAddress, MOST_WEBHOOKS } from '../../../shared/core/webhooks/index.ts';
import { createGuardedPost } from '../../../shared/http/index.ts';
import { callRoutes, type MlflowCaller } from '../../helpers/mlflow-call.ts';
import { startTrackingTable, type TrackingTable } from '../../helpers/tracking-table.ts';

interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let table: TrackingTable;
let server: Server;
let base = '';
const received: Received[] = [];
/** What each path answers, one status after the other; the last one stays. */
const answers = new Map<string, number[]>();

beforeAll(async () => {
  table = await startTrackingTable();
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const path = request.url ?? '';
    received.push({ path, headers: request.headers, body });
    const statuses = answers.get(path) ?? [200];
    response.writeHead((statuses.length > 1 ? statuses.shift() : statuses[0]) ?? 200).end('seen');
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.close();
  await table.stop();
});
beforeEach(() => {
  received.length = 0;
  answers.clear();
});

const receivers = createGuardedPost({
  mayConnect: isPublicAddress,
  allowedHosts: ['127.0.0.1'],
  timeoutMs: 500,
  resolve: async () => [{ address: '169.254.169.254', family: 4 }],
});
const storeOf = (workspace: string) => createWebhookStore({ client: table.client, table: table.table, workspace });

let nowMs = 1_700_000_000_000;
const open = (workspace: string): MlflowCaller =>
  callRoutes(webhookRoutes, { webhooks: storeOf(workspace), receivers } as Partial<WorkspacePorts>, {
    nowMs: () => nowMs,
  });

const slept: number[] = [];
const deliver = createHandler({
  storeOf,
  receivers,
  clock: { nowMs: () => nowMs },
  random: () => 0,
  sleep: async (ms) => {
    slept.push(ms);
  },
});

const CREATED = { entity: 'REGISTERED_MODEL', action: 'CREATED' };
const PATH = '2.0/mlflow/webhooks';
const draft = (more: object = {}) => ({ name: 'hook', url: `${base}/a`, events: [CREATED], ...more });
const create = async (call: MlflowCaller, more: object = {}): Promise<string> =>
  (await call('POST', PATH, draft(more))).body.webhook.webhook_id;
const event = (workspace: string, id: string, more: object = {}) => ({
  id,
  time: '2023-11-14T22:13:20Z',
  detail: {
    workspace,
    entity: 'registered_model',
    action: 'created',
    data: { name: 'm', tags: { a: 'b' }, description: null },
    ...more,
  },
});
const deliveriesOf = async (call: MlflowCaller, id: string) =>
  (await call('GET', `${PATH}/${id}/deliveries`)).body.deliveries ?? [];

describe('webhooks', () => {
  it('are created, read, changed, listed and deleted, and never tell their secret', async () => {
    const call = open('crud');

    const created = await call(
      'POST',
      PATH,
      draft({ secret: 'hush', description: 'd', events: [{ entity: 1, action: 1 }] }),
    );
    const id = created.body.webhook.webhook_id;
    nowMs += 1;
    const changed = await call('PATCH', `${PATH}/${id}`, { status: 'DISABLED', description: '', secret: 'hush2' });

    expect(created.body.webhook).toEqual({
      webhook_id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      name: 'hook',
      description: 'd',
      url: `${base}/a`,
      events: [CREATED],
      status: 'ACTIVE',
      creation_timestamp: nowMs - 1,
      last_updated_timestamp: nowMs - 1,
    });
    const expected = { ...created.body.webhook, status: 'DISABLED', last_updated_timestamp: nowMs };
    expect(changed.body.webhook).toEqual(expected);
    expect((await call('GET', `${PATH}/${id}`)).body.webhook).toEqual(expected);
    expect((await call('GET', PATH)).body).toEqual({ webhooks: [expected] });
    expect(JSON.stringify([created, changed, await call('GET', PATH)])).not.toContain('hush');
    expect((await call('DELETE', `${PATH}/${id}`)).status).toBe(200);
    for (const method of ['GET', 'DELETE', 'PATCH']) {
      expect(await call(method, `${PATH}/${id}`)).toMatchObject({
        status: 404,
        body: { error_code: 'RESOURCE_DOES_NOT_EXIST', message: `Webhook with ID ${id} not found.` },
      });
    }
  });

  it('are listed in pages, the latest first, and by workspace', async () => {
    const call = open('list');
    const ids: string[] = [];
    for (let i = 0; i < 3; i += 1) {
      nowMs += 1;
      ids.unshift(await create(call, { name: `w${i}` }));
    }

    const first = (await call('GET', PATH, { max_results: 2 })).body;
    const rest = (await call('GET', PATH, { max_results: 2, page_token: first.next_page_token })).body;

    const found = [...first.webhooks, ...rest.webhooks].map(({ webhook_id }: { webhook_id: string }) => webhook_id);
    expect(found).toEqual(ids);
    expect(rest).not.toHaveProperty('next_page_token');
    expect((await open('list-other')('GET', PATH)).body).toEqual({});
    expect((await call('GET', PATH, { max_results: 1_001 })).status).toBe(400);
  });

  it.each([
    [{ name: undefined }, /required parameter 'name'/],
    [{ events: [] }, /non-empty list/],
    [
      { events: [{ entity: 'REGISTERED_MODEL', action: 'DELETED' }] },
      /Invalid action 'deleted' for entity 'registered_model'/,
    ],
    [{ events: [{ entity: 'NOPE', action: 'CREATED' }] }, /for parameter 'entity'/],
    [{ url: 'http://example.com' }, /Invalid webhook URL scheme: 'http'\. Allowed schemes are: https\./],
  ])('are refused: %j', async (wrong, reason) => {
    const { status, body } = await open('refused')('POST', PATH, draft(wrong));

    expect(status).toBe(400);
    expect(body.message).toMatch(reason);
  });

  it('are bounded in number', async () => {
    const call = open('many');
    const store = storeOf('many');
    const ids = Array.from({ length: MOST_WEBHOOKS }, (_, i) => `webhook-${i}`);
    const fields = { name: 'w', url: base, events: [], status: 'ACTIVE', createdAtMs: 1, updatedAtMs: 1 } as const;
    await Promise.all(ids.map((webhookId) => store.create({ webhookId, ...fields })));

    expect(await call('POST', PATH, draft())).toMatchObject({ status: 429 });
  });
});

describe('a test', () => {
  it('sends an example once and tells the answer', async () => {
    const call = open('test');
    const id = await create(call, { secret: 'word' });

    const { body } = await call('POST', `${PATH}/${id}/test`, {});
    answers.set('/a', [500]);
    const failed = await call('POST', `${PATH}/${id}/test`, { event: { entity: 'PROMPT_ALIAS', action: 'DELETED' } });

    expect(body.result).toEqual({ success: true, response_status: 200, response_body: 'seen' });
    expect(failed.body.result).toMatchObject({ success: false, response_status: 500 });
    expect(received.map((one) => JSON.parse(one.body))).toMatchObject([
      { entity: 'registered_model', action: 'created', data: { name: 'example_model' } },
      { entity: 'prompt_alias', action: 'deleted', data: { name: 'example_prompt', alias: 'example_alias' } },
    ]);
    expect(await deliveriesOf(call, id)).toEqual([]);
  });

  it('does not reach what only we can reach', async () => {
    const call = open('test-guarded');
    const id = await create(call, { url: 'https://metadata.example/latest' });

    expect((await call('POST', `${PATH}/${id}/test`, {})).body.result).toEqual({
      success: false,
      error_message: 'Failed to test webhook: host metadata.example is not at a public address',
    });
  });
});

describe('an event of the registry', () => {
  it('reaches the webhooks that ask for it, signed so that a receiver can tell', async () => {
    const call = open('told');
    const id = await create(call, { secret: 'word' });
    await create(call, { name: 'other', url: `${base}/b`, events: [{ entity: 'MODEL_VERSION', action: 'CREATED' }] });
    await create(call, { name: 'off', url: `${base}/c`, status: 'DISABLED' });

    expect(await deliver(event('told', 'e1'))).toEqual({ deliveredCount: 1, failedCount: 0, endedCount: 0 });

    expect(received.map(({ path }) => path)).toEqual(['/a']);
    const { headers, body } = received[0] as Received;
    expect(JSON.parse(body)).toEqual({
      entity: 'registered_model',
      action: 'created',
      timestamp: '2023-11-14T22:13:20.000+00:00',
      data: { name: 'm', tags: { a: 'b' }, description: null },
    });
    const signed = `${headers['x-mlflow-delivery-id']}.${headers['x-mlflow-timestamp']}.${body}`;
    const signature = createHmac('sha256', 'word').update(signed).digest('base64');
    expect(headers['x-mlflow-signature']).toBe(`v1,${signature}`);
    expect(headers['content-type']).toBe('application/json');
    expect(await deliveriesOf(call, id)).toEqual([
      {
        delivery_id: headers['x-mlflow-delivery-id'],
        ...CREATED,
        status: 'DELIVERED',
        attempts: 1,
        response_status: 200,
        creation_timestamp: 1_700_000_000_000,
        last_attempt_timestamp: nowMs,
      },
    ]);
  });

  it('that comes twice is told once, and another one again', async () => {
    await create(open('twice'));

    await deliver(event('twice', 'e1'));
    expect(await deliver(event('twice', 'e1'))).toEqual({ deliveredCount: 0, failedCount: 0, endedCount: 1 });
    await deliver(event('twice', 'e2'));

    expect(received).toHaveLength(2);
    expect(new Set(received.map(({ headers }) => headers['x-mlflow-delivery-id'])).size).toBe(2);
  });

  it('that comes twice at once is told by one of both', async () => {
    await create(open('at-once'));

    const results = await Promise.allSettled([deliver(event('at-once', 'e1')), deliver(event('at-once', 'e1'))]);

    expect(received).toHaveLength(1);
    expect(results.some(({ status }) => status === 'fulfilled')).toBe(true);
  });

  it('is tried again after a broken answer, under the same id, with growing pauses', async () => {
    const id = await create(open('again'), { secret: 'word' });
    answers.set('/a', [500, 503, 200]);
    slept.length = 0;

    await deliver(event('again', 'e1'));

    expect(received).toHaveLength(3);
    expect(new Set(received.map(({ headers, body }) => `${headers['x-mlflow-delivery-id']} ${body}`)).size).toBe(1);
    expect(slept).toEqual([250, 500]);
    expect(await deliveriesOf(open('again'), id)).toMatchObject([
      { status: 'DELIVERED', attempts: 3, response_status: 200 },
    ]);
  });

  it('holds up none for a broken receiver, and tells the others once while that one is tried again', async () => {
    const call = open('broken');
    await create(call);
    const broken = await create(call, { name: 'broken', url: `${base}/broken` });
    answers.set('/broken', [500]);

    await expect(deliver(event('broken', 'e1'))).rejects.toMatchObject({ name: 'UnavailableError' });
    expect(received.filter(({ path }) => path === '/a')).toHaveLength(1);
    expect(await deliveriesOf(call, broken)).toMatchObject([
      { status: 'PENDING', attempts: 3, error_message: 'the receiver answered 500' },
    ]);
    await expect(deliver(event('broken', 'e1'))).rejects.toMatchObject({ name: 'UnavailableError' });
    expect(await deliver(event('broken', 'e1'))).toEqual({ deliveredCount: 0, failedCount: 1, endedCount: 1 });

    expect(received.filter(({ path }) => path === '/a')).toHaveLength(1);
    expect(received.filter(({ path }) => path === '/broken')).toHaveLength(9);
    expect(await deliveriesOf(call, broken)).toMatchObject([{ status: 'FAILED', attempts: 9, response_status: 500 }]);
  });

  it('fails at once at an address that may not be reached, and at a receiver that does not want it', async () => {
    const call = open('ssrf');
    const inside = await create(call, { url: 'https://10.0.0.7/' });
    const named = await create(call, { url: 'https://rebound.example/' });
    const gone = await create(call, { url: `${base}/gone` });
    answers.set('/gone', [410]);

    expect(await deliver(event('ssrf', 'e1'))).toEqual({ deliveredCount: 0, failedCount: 3, endedCount: 0 });

    const reasons = [];
    for (const id of [inside, named, gone]) reasons.push((await deliveriesOf(call, id))[0].error_message);
    expect(reasons).toEqual([
      'host 10.0.0.7 is not at a public address',
      'host rebound.example is not at a public address',
      'the receiver answered 410',
    ]);
  });

  it('is left to another invocation for a minute, and then taken over', async () => {
    const call = open('lease');
    const webhookId = await create(call);
    const given = {
      deliveryId: '00000000-0000-5000-8000-000000000000',
      webhookId,
      entity: 'registered_model',
      action: 'created',
      status: 'PENDING',
      attemptCount: 0,
      createdAtMs: 5,
    } as const;
    const store = storeOf('lease');
    const claimAt = (atMs: number) => store.claimDelivery(given, { nowMs: atMs, untilMs: atMs + 100 });

    expect(await claimAt(1_000)).toEqual(given);
    expect(await claimAt(1_100)).toBe('taken');
    expect(await claimAt(1_101)).toEqual(given);
    await store.recordDelivery({ ...given, status: 'FAILED' });
    expect(await claimAt(9_000)).toBe('ended');
  });

  it('is refused when it is none', async () => {
    await expect(deliver(event('told', 'e', { action: 'eaten' }))).rejects.toMatchObject({
      name: 'InvalidRequestError',
    });
    await expect(deliver({})).rejects.toMatchObject({ name: 'InvalidRequestError' });
  });
});

it('lists deliveries in pages, the latest first', async () => {
  const call = open('deliveries');
  const id = await create(call);
  for (const second of ['01', '02', '03']) {
    await deliver({ ...event('deliveries', second), time: `2023-11-14T22:13:${second}Z` });
  }

  const first = (await call('GET', `${PATH}/${id}/deliveries`, { max_results: 2 })).body;
  const rest = (await call('GET', `${PATH}/${id}/deliveries`, { max_results: 2, page_token: first.next_page_token }))
    .body;

  const times = [...first.deliveries, ...rest.deliveries].map(
    ({ creation_timestamp }: { creation_timestamp: number }) => new Date(creation_timestamp).getUTCSeconds(),
  );
  expect(times).toEqual([3, 2, 1]);
  expect(rest).not.toHaveProperty('next_page_token');
  expect((await call('GET', `${PATH}/${id}/deliveries`, { page_token: 'junk' })).status).toBe(400);
  expect((await call('GET', `${PATH}/none/deliveries`)).status).toBe(404);
});
