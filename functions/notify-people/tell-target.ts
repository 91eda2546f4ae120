import { createHash } from 'node:crypto';
import type { NotificationRecord, Picture, Telling, ToldResult } from '../../shared/core/notifications/index.ts';
import { messageBody, messageSubject, messageText } from '../../shared/core/notifications/index.ts';
import {
  ATTEMPTS_TOGETHER,
  afterAttempt,
  type Delivery,
  MOST_ATTEMPTS,
  pauseMs,
} from '../../shared/core/webhooks/index.ts';
import { type GuardedPost, webhookHeaders } from '../../shared/http/index.ts';
import { assert } from '../../shared/kernel/assert.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { TopicPublisher } from '../../shared/ports/notification-store.ts';
import type { WebhookStore } from '../../shared/ports/webhook-store.ts';

export interface TellDeps {
  readonly topics: TopicPublisher;
  /** The topic whose subscriptions are the declared addresses, each for itself; undefined where no model declares one. */
  readonly mailTopicArn: string | undefined;
  readonly receivers: GuardedPost;
  /** The tracking API's, of the default workspace: they know the secrets. */
  readonly webhooks: Pick<WebhookStore, 'list'>;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/** The same for one episode, round and target however often it is tried: receivers tell repeats by it. A UUID in form. */
const deliveryIdOf = ({ id, model }: NotificationRecord, { target, round }: Telling): string => {
  const hex = createHash('sha256')
    .update(JSON.stringify([model, id, target, round]))
    .digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};

const STATUS = { PENDING: 'pending', DELIVERED: 'told', FAILED: 'failed' } as const;

/** Tells one target of an episode, in a few attempts; what could not be told yet comes back as pending. */
export const createTellTarget = (deps: TellDeps) => {
  const { topics, mailTopicArn, receivers, webhooks, clock, random, sleep } = deps;

  const secretOf = async (url: string): Promise<string | undefined> =>
    (await webhooks.list()).find((webhook) => webhook.url === url)?.secret;

  const post = async (url: string, record: NotificationRecord, telling: Telling, picture: Picture) => {
    const body = messageBody(record, telling.round, picture);
    const secret = await secretOf(url);
    const createdAtMs = clock.nowMs();
    let delivery: Delivery = {
      deliveryId: deliveryIdOf(record, telling),
      webhookId: telling.target,
      entity: 'notification',
      action: record.event,
      status: 'PENDING',
      attemptCount: telling.attemptCount,
      createdAtMs,
    };
    for (let attempts = 1; attempts <= ATTEMPTS_TOGETHER && delivery.status === 'PENDING'; attempts += 1) {
      if (attempts > 1) await sleep(pauseMs(attempts - 1, random()));
      const sentAtMs = clock.nowMs();
      const headers = webhookHeaders({ deliveryId: delivery.deliveryId, sentAtMs, body, secret });
      delivery = afterAttempt(delivery, await receivers.post({ url, headers, body }), sentAtMs);
    }
    const { status, attemptCount, errorMessage } = delivery;
    return { status: STATUS[status], attemptCount, ...(errorMessage === undefined ? {} : { errorMessage }) };
  };

  const publish = async (
    record: NotificationRecord,
    telling: Telling,
    picture: Picture,
    to: { readonly topicArn: string; readonly recipients?: readonly string[] },
  ) => {
    await topics.publish({ ...to, subject: messageSubject(record, telling.round), text: messageText(record, picture) });
    return { status: 'told', attemptCount: telling.attemptCount + 1 } as const;
  };

  const tell = async (record: NotificationRecord, telling: Telling, picture: Picture) => {
    const [to = '', place = ''] = telling.target.split(' ', 2);
    if (to === 'webhook') return post(place, record, telling, picture);
    if (to === 'sns') return publish(record, telling, picture, { topicArn: place });
    assert(mailTopicArn !== undefined, 'a stage has a topic for the addresses that its models declare');
    return publish(record, telling, picture, { topicArn: mailTopicArn, recipients: [place] });
  };

  /** Whatever stands in the way, the others are told, and the dead letters say that this one was not. */
  const failed = ({ attemptCount: before }: Telling, error: unknown) => {
    const attemptCount = before + 1;
    const errorMessage = error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 300) : 'unknown error';
    return { status: attemptCount < MOST_ATTEMPTS ? 'pending' : 'failed', attemptCount, errorMessage } as const;
  };

  return async (record: NotificationRecord, telling: Telling, picture: Picture): Promise<ToldResult> => {
    const { target, round } = telling;
    const result = await tell(record, telling, picture).catch((error: unknown) => failed(telling, error));
    return { target, round, atMs: clock.nowMs(), ...result };
  };
};
