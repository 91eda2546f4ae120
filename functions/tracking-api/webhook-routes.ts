import { REGISTRY_EVENTS } from '../../shared/contracts/events.ts';
import { listed } from '../../shared/contracts/http/mlflow/encode-value.ts';
import { type Fields, invalidParameter } from '../../shared/contracts/http/mlflow/fields.ts';
import { searchList } from '../../shared/core/tracking/index.ts';
import {
  checkWebhook,
  type Delivery,
  exampleData,
  MOST_WEBHOOKS,
  type Webhook,
  type WebhookEvent,
  type WebhookRules,
  type WebhookStatus,
  webhookBody,
} from '../../shared/core/webhooks/index.ts';
import { webhookHeaders } from '../../shared/http/index.ts';
import { InvalidRequestError, LimitExceededError } from '../../shared/kernel/errors.ts';
import { filledText, maxResultsOf } from './decode-tracking.ts';
import type { MlflowAnswer, MlflowCall, MlflowRoute } from './mlflow-route.ts';

/** What MLflow's messages call the entities and actions: upper-case, or a number. */
const ENTITIES = {
  REGISTERED_MODEL: 1,
  MODEL_VERSION: 2,
  MODEL_VERSION_TAG: 3,
  MODEL_VERSION_ALIAS: 4,
  PROMPT: 5,
  PROMPT_VERSION: 6,
  PROMPT_TAG: 7,
  PROMPT_VERSION_TAG: 8,
  PROMPT_ALIAS: 9,
} as const;
const ACTIONS = { CREATED: 1, UPDATED: 2, DELETED: 3, SET: 4 } as const;
const STATUSES: Readonly<Record<WebhookStatus, number>> = { ACTIVE: 1, DISABLED: 2 };

const MOST_LISTED = 1_000;
const MOST_DELIVERIES = 100;

const decodeEvent = (input: Fields): WebhookEvent => {
  const entity = input.choice('entity', ENTITIES);
  const action = input.choice('action', ACTIONS);
  if (entity === undefined) throw invalidParameter('entity', input.has('entity') ? 'unknown' : null);
  if (action === undefined) throw invalidParameter('action', input.has('action') ? 'unknown' : null);
  return { entity: entity.toLowerCase(), action: action.toLowerCase() };
};

const encodeEvent = ({ entity, action }: WebhookEvent): object => ({
  entity: entity.toUpperCase(),
  action: action.toUpperCase(),
});

/** Without the secret: whoever set it knows it. */
const encodeWebhook = (webhook: Webhook): object => ({
  webhook_id: webhook.webhookId,
  name: webhook.name,
  ...(webhook.description === undefined ? {} : { description: webhook.description }),
  url: webhook.url,
  ...listed('events', webhook.events.map(encodeEvent)),
  status: webhook.status,
  creation_timestamp: webhook.createdAtMs,
  last_updated_timestamp: webhook.updatedAtMs,
});

const encodeDelivery = (delivery: Delivery): object => ({
  delivery_id: delivery.deliveryId,
  ...encodeEvent(delivery),
  status: delivery.status,
  attempts: delivery.attemptCount,
  ...(delivery.responseStatus === undefined ? {} : { response_status: delivery.responseStatus }),
  ...(delivery.errorMessage === undefined ? {} : { error_message: delivery.errorMessage }),
  creation_timestamp: delivery.createdAtMs,
  ...(delivery.attemptedAtMs === undefined ? {} : { last_attempt_timestamp: delivery.attemptedAtMs }),
});

const rulesOf = ({ ports }: MlflowCall): WebhookRules => ({
  events: REGISTRY_EVENTS,
  allowedHosts: ports.receivers.allowedHosts,
});

const webhookIdOf = ({ parameters }: MlflowCall): string => parameters.webhook_id ?? '';

/** What is given and not empty: an empty field changes nothing, as in MLflow. */
const givenFields = (input: Fields): Partial<Pick<Webhook, 'name' | 'url' | 'description' | 'secret' | 'status'>> => {
  const texts = (['name', 'url', 'description', 'secret'] as const).map((name) => [name, filledText(input, name)]);
  const status = input.choice('status', STATUSES);
  return {
    ...Object.fromEntries(texts.filter(([, text]) => text !== undefined)),
    ...(status === undefined ? {} : { status }),
  };
};

const create = async (call: MlflowCall): Promise<MlflowAnswer> => {
  const { input, ports, nowMs, newId } = call;
  const { webhooks } = ports;
  const hex = newId();
  const webhook = checkWebhook<Webhook>(
    {
      status: 'ACTIVE',
      ...givenFields(input),
      webhookId: hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
      name: input.requiredText('name'),
      url: input.requiredText('url'),
      events: input.objects('events').map(decodeEvent),
      createdAtMs: nowMs,
      updatedAtMs: nowMs,
    },
    rulesOf(call),
  );
  if ((await webhooks.list()).length >= MOST_WEBHOOKS) {
    throw new LimitExceededError(`a workspace has at most ${MOST_WEBHOOKS} webhooks`);
  }
  await webhooks.create(webhook);
  return { webhook: encodeWebhook(webhook) };
};

const list = async ({ input, ports }: MlflowCall): Promise<MlflowAnswer> => {
  const asked = input.integer('max_results') || MOST_DELIVERIES;
  if (asked < 1 || asked > MOST_LISTED) throw new InvalidRequestError('max_results must be between 1 and 1000.');
  const pageToken = input.text('page_token');
  const { entities, nextPageToken } = searchList<Webhook>({
    entities: await ports.webhooks.list(),
    readField: (webhook, { key }) => (key === 'created' ? webhook.createdAtMs : webhook.webhookId),
    filter: [],
    orderBy: [
      { field: { kind: 'attribute', key: 'created' }, ascending: false },
      { field: { kind: 'attribute', key: 'webhook_id' }, ascending: true },
    ],
    maxResults: asked,
    ...(pageToken ? { pageToken } : {}),
  });
  return {
    ...listed('webhooks', entities.map(encodeWebhook)),
    ...(nextPageToken === undefined ? {} : { next_page_token: nextPageToken }),
  };
};

const get = async (call: MlflowCall): Promise<MlflowAnswer> => ({
  webhook: encodeWebhook(await call.ports.webhooks.get(webhookIdOf(call))),
});

const update = async (call: MlflowCall): Promise<MlflowAnswer> => {
  const { input, nowMs } = call;
  const events = input.objects('events').map(decodeEvent);
  const changed = await call.ports.webhooks.change(webhookIdOf(call), (webhook) =>
    checkWebhook<Webhook>(
      { ...webhook, ...givenFields(input), ...(events.length === 0 ? {} : { events }), updatedAtMs: nowMs },
      rulesOf(call),
    ),
  );
  return { webhook: encodeWebhook(changed) };
};

const remove = async (call: MlflowCall): Promise<MlflowAnswer> => {
  await call.ports.webhooks.delete(webhookIdOf(call));
  return {};
};

/** Sends an example, once, and tells what came of it. A test is no delivery: it leaves no trace. */
const test = async (call: MlflowCall): Promise<MlflowAnswer> => {
  const { input, ports, nowMs, newId } = call;
  const webhook = await ports.webhooks.get(webhookIdOf(call));
  const given = input.object('event');
  const [event = webhook.events[0]] = given === undefined ? [] : [decodeEvent(given)];
  if (event === undefined) throw new InvalidRequestError('the webhook has no event to test');
  const body = webhookBody(event, exampleData(event), nowMs);
  const headers = webhookHeaders({ deliveryId: newId(), sentAtMs: nowMs, body, secret: webhook.secret });
  const result = await ports.receivers.post({ url: webhook.url, headers, body });
  if (result.kind !== 'answered') {
    return { result: { success: false, error_message: `Failed to test webhook: ${result.reason}` } };
  }
  const success = result.status >= 200 && result.status < 300;
  return { result: { success, response_status: result.status, response_body: result.body } };
};

const deliveries = async (call: MlflowCall): Promise<MlflowAnswer> => {
  const { input, ports } = call;
  const webhookId = webhookIdOf(call);
  await ports.webhooks.get(webhookId);
  const limit = maxResultsOf(input, { absent: MOST_DELIVERIES, most: MOST_DELIVERIES });
  const page = await ports.webhooks.listDeliveries(webhookId, limit, filledText(input, 'page_token'));
  return {
    ...listed('deliveries', page.deliveries.map(encodeDelivery)),
    ...(page.nextCursor === undefined ? {} : { next_page_token: page.nextCursor }),
  };
};

const BASE = '/2.0/mlflow/webhooks';

export const webhookRoutes: readonly MlflowRoute[] = [
  { method: 'POST', path: BASE, handle: create },
  { method: 'GET', path: BASE, handle: list },
  { method: 'GET', path: `${BASE}/{webhook_id}`, handle: get },
  { method: 'PATCH', path: `${BASE}/{webhook_id}`, handle: update },
  { method: 'DELETE', path: `${BASE}/{webhook_id}`, handle: remove },
  { method: 'POST', path: `${BASE}/{webhook_id}/test`, handle: test },
  { method: 'GET', path: `${BASE}/{webhook_id}/deliveries`, handle: deliveries },
];
