import * as v from 'valibot';
import { EVENT_SCHEMAS } from '../../shared/contracts/events.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { wantsEvent, webhookBody } from '../../shared/core/webhooks/index.ts';
import { UnavailableError } from '../../shared/kernel/errors.ts';
import type { WebhookStore } from '../../shared/ports/webhook-store.ts';
import { createTellWebhook, deliveryIdOf, type TellDeps } from './tell-webhook.ts';

interface Deps extends TellDeps {
  readonly storeOf: (workspace: string) => WebhookStore;
}

interface Output {
  readonly deliveredCount: number;
  readonly failedCount: number;
  /** Of earlier or other invocations: nothing was done for them. */
  readonly endedCount: number;
}

const RegistryChanged = v.object({
  id: v.string(),
  time: v.pipe(v.string(), v.isoTimestamp()),
  detail: EVENT_SCHEMAS['Registry Changed'],
});

/**
 * Tells an event of the registry to every webhook of its workspace that asks for it, all at once: a slow or broken
 * receiver holds up none but itself. What could not be delivered yet makes the invocation fail, so that Lambda invokes it
 * again later; what was delivered is then left alone.
 */
export const createHandler = ({ storeOf, ...deps }: Deps) => {
  const tell = createTellWebhook(deps);
  return async (event: unknown): Promise<Output> => {
    const { id, time, detail } = parse(RegistryChanged, event, 'event');
    const { workspace, entity, action, data } = detail;
    const createdAtMs = Date.parse(time);
    const store = storeOf(workspace);
    const wanting = (await store.list()).filter((webhook) => wantsEvent(webhook, { entity, action }));
    const body = webhookBody({ entity, action }, data, createdAtMs);
    const results = await Promise.allSettled(
      wanting.map((webhook) => {
        const { webhookId } = webhook;
        const open = { status: 'PENDING', attemptCount: 0, createdAtMs } as const;
        const delivery = { deliveryId: deliveryIdOf(id, webhookId), webhookId, entity, action, ...open };
        return tell({ store, webhook, delivery, body });
      }),
    );
    const broken = results.find(({ status }) => status === 'rejected');
    if (broken?.status === 'rejected') throw broken.reason;
    const countOf = (end: string): number =>
      results.filter((result) => result.status === 'fulfilled' && result.value === end).length;
    if (countOf('PENDING') > 0) {
      throw new UnavailableError(`${countOf('PENDING')} of ${results.length} webhooks could not be reached yet`);
    }
    return { deliveredCount: countOf('DELIVERED'), failedCount: countOf('FAILED'), endedCount: countOf('ended') };
  };
};
