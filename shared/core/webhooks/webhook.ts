import { InvalidRequestError } from '../../kernel/errors.ts';
import { shorten } from '../../kernel/show-value.ts';

export type WebhookStatus = 'ACTIVE' | 'DISABLED';

/** What happened, in the names of `REGISTRY_EVENTS`. */
export interface WebhookEvent {
  readonly entity: string;
  readonly action: string;
}

export interface Webhook {
  readonly webhookId: string;
  readonly name: string;
  readonly description?: string;
  readonly url: string;
  readonly events: readonly WebhookEvent[];
  readonly status: WebhookStatus;
  /** Signs deliveries. It goes in and is never told again. */
  readonly secret?: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export type WebhookFields = Omit<Webhook, 'webhookId' | 'createdAtMs' | 'updatedAtMs'>;

/** What the rules need to know of the world. */
export interface WebhookRules {
  /** Actions by entity. */
  readonly events: Readonly<Record<string, readonly string[]>>;
  /** Hosts that may be called without TLS, and at private addresses: for receivers beside us. */
  readonly allowedHosts: readonly string[];
}

/** A delivery looks at all of a workspace's webhooks, and calls those that want it at once. */
export const MOST_WEBHOOKS = 100;
const LONGEST = { url: 2_048, description: 1_000, secret: 1_000 } as const;
const NAME = /^(?=.{1,63}$)[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/i;

const checkName = (name: string): void => {
  if (NAME.test(name)) return;
  throw new InvalidRequestError(
    `Webhook name '${shorten(name, 100)}' is invalid. It must start and end with a letter or digit, be less than 63 characters long, and contain only letters, digits, dots (.), underscores (_), and hyphens (-).`,
  );
};

/** @throws InvalidRequestError unless the URL is https, or its host one that may be called without. */
export const checkWebhookUrl = (url: string, allowedHosts: readonly string[]): void => {
  if (url.trim() === '') throw new InvalidRequestError(`Webhook URL cannot be empty or just whitespace: '${url}'`);
  const parsed = URL.parse(url);
  if (parsed === null || url.length > LONGEST.url) {
    throw new InvalidRequestError(
      `Invalid webhook URL '${shorten(url, 200)}': it must be a URL of at most 2048 characters`,
    );
  }
  const allowed =
    parsed.protocol === 'https:' || (parsed.protocol === 'http:' && allowedHosts.includes(parsed.hostname));
  if (!allowed) {
    throw new InvalidRequestError(
      `Invalid webhook URL scheme: '${parsed.protocol.slice(0, -1)}'. Allowed schemes are: https.`,
    );
  }
  if (parsed.username !== '' || parsed.password !== '') {
    throw new InvalidRequestError('Invalid webhook URL: it must not hold a user name or a password');
  }
};

const checkEvents = (events: readonly WebhookEvent[], known: WebhookRules['events']): void => {
  if (events.length === 0) {
    throw new InvalidRequestError('Webhook events must be a non-empty list of WebhookEvent objects: [].');
  }
  for (const { entity, action } of events) {
    const actions = Object.hasOwn(known, entity) ? (known[entity] ?? []) : [];
    if (actions.includes(action)) continue;
    const valid = actions.map((one) => `'${one}'`).join(', ');
    throw new InvalidRequestError(`Invalid action '${action}' for entity '${entity}'. Valid actions are: [${valid}]`);
  }
};

/** The webhook's fields, each event once. @throws InvalidRequestError for one that is not allowed. */
export const checkWebhook = <Given extends WebhookFields>(given: Given, rules: WebhookRules): Given => {
  checkName(given.name);
  checkWebhookUrl(given.url, rules.allowedHosts);
  checkEvents(given.events, rules.events);
  for (const field of ['description', 'secret'] as const) {
    const length = given[field]?.length ?? 0;
    if (length > LONGEST[field]) {
      throw new InvalidRequestError(`a webhook's ${field} has at most ${LONGEST[field]} characters, got ${length}`);
    }
  }
  const events = given.events.filter((event, index) => given.events.findIndex((one) => isSame(one, event)) === index);
  return { ...given, events };
};

const isSame = (a: WebhookEvent, b: WebhookEvent): boolean => a.entity === b.entity && a.action === b.action;

/** Whether the webhook is to be told of the event. */
export const wantsEvent = ({ status, events }: Webhook, event: WebhookEvent): boolean =>
  status === 'ACTIVE' && events.some((one) => isSame(one, event));
