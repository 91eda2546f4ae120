import { createHash } from 'node:crypto';
import {
  ATTEMPTS_TOGETHER,
  afterAttempt,
  type Delivery,
  pauseMs,
  type Webhook,
} from '../../shared/core/webhooks/index.ts';
import { type GuardedPost, webhookHeaders } from '../../shared/http/index.ts';
import { logLine } from '../../shared/kernel/log.ts';
import { MINUTE_MS } from '../../shared/kernel/time.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { WebhookStore } from '../../shared/ports/webhook-store.ts';

export interface TellDeps {
  readonly receivers: GuardedPost;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/** Longer than an invocation takes. */
const LEASE_MS = MINUTE_MS;

/** The same for one event and webhook however often the event comes: receivers tell repeats by it. A UUID in form. */
export const deliveryIdOf = (eventId: string, webhookId: string): string => {
  const hex = createHash('sha256').update(`${eventId}/${webhookId}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `5${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
};

interface Told {
  readonly store: WebhookStore;
  readonly webhook: Webhook;
  readonly delivery: Delivery;
  readonly body: string;
}

/**
 * Tells one webhook, in a few attempts. What another invocation has ended is left alone; what one has in its hands counts
 * as pending.
 */
export const createTellWebhook = ({ receivers, clock, random, sleep }: TellDeps) => {
  const attempt = async ({ webhook, body }: Told, delivery: Delivery): Promise<Delivery> => {
    const sentAtMs = clock.nowMs();
    const { deliveryId } = delivery;
    const headers = webhookHeaders({ deliveryId, sentAtMs, body, secret: webhook.secret });
    return afterAttempt(delivery, await receivers.post({ url: webhook.url, headers, body }), sentAtMs);
  };

  return async (told: Told): Promise<Delivery['status'] | 'ended'> => {
    const nowMs = clock.nowMs();
    const claimed = await told.store.claimDelivery(told.delivery, { nowMs, untilMs: nowMs + LEASE_MS });
    if (claimed === 'ended') return 'ended';
    if (claimed === 'taken') return 'PENDING';
    let delivery = claimed;
    for (let attempts = 1; attempts <= ATTEMPTS_TOGETHER && delivery.status === 'PENDING'; attempts += 1) {
      if (attempts > 1) await sleep(pauseMs(attempts - 1, random()));
      delivery = await attempt(told, delivery);
    }
    await told.store.recordDelivery(delivery);
    const { deliveryId, webhookId, status, attemptCount, errorMessage } = delivery;
    const fields = { deliveryId, webhookId, status, attemptCount, errorMessage };
    logLine(status === 'DELIVERED' ? 'info' : 'warn', 'webhook delivery', fields);
    return status;
  };
};
