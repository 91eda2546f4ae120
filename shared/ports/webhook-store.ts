import type { Delivery, Webhook } from '../core/webhooks/index.ts';

/** Webhooks of one workspace, and what became of each delivery. Reads see every write that was answered before. */
export interface WebhookStore {
  /** All of the workspace, with their secrets, the latest first. */
  list(): Promise<readonly Webhook[]>;
  /** @throws NotFoundError */
  get(webhookId: string): Promise<Webhook>;
  create(webhook: Webhook): Promise<void>;
  /** Reads, decides and writes conditionally until nobody came between. @throws NotFoundError, and whatever `change` throws. */
  change(webhookId: string, change: (webhook: Webhook) => Webhook): Promise<Webhook>;
  /** @throws NotFoundError */
  delete(webhookId: string): Promise<void>;

  /**
   * Takes a delivery into one's hands for a while, as it stands or, when there is none, as it is given.
   * @returns 'ended' for one that was delivered or has failed for good, 'taken' for one in another's hands.
   */
  claimDelivery(
    delivery: Delivery,
    lease: { readonly nowMs: number; readonly untilMs: number },
  ): Promise<Delivery | 'ended' | 'taken'>;
  /** Writes what became of it and gives it out of one's hands. */
  recordDelivery(delivery: Delivery): Promise<void>;
  /** Of one webhook, the latest first; kept for 30 days. @throws InvalidRequestError for a cursor from elsewhere. */
  listDeliveries(
    webhookId: string,
    limit: number,
    cursor?: string,
  ): Promise<{ readonly deliveries: readonly Delivery[]; readonly nextCursor?: string }>;
}
