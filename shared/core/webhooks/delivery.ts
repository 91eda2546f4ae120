import type { WebhookEvent } from './webhook.ts';

/** The telling of one event to one webhook. */
export interface Delivery extends WebhookEvent {
  readonly deliveryId: string;
  readonly webhookId: string;
  readonly status: 'PENDING' | 'DELIVERED' | 'FAILED';
  readonly attemptCount: number;
  /** Of the last attempt that was answered. */
  readonly responseStatus?: number;
  /** Why the last attempt failed. */
  readonly errorMessage?: string;
  /** When the event happened. */
  readonly createdAtMs: number;
  readonly attemptedAtMs?: number;
}

/** How an attempt ended: with an answer, without one, or before it began because the address is refused. */
export type AttemptResult =
  | { readonly kind: 'answered'; readonly status: number }
  | { readonly kind: 'unreachable'; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string };

/** In one invocation; Lambda invokes three times in all, some minutes apart. */
export const ATTEMPTS_TOGETHER = 3;
export const MOST_ATTEMPTS = 9;
const FIRST_PAUSE_MS = 500;

/** Worth another try: the receiver asks for it, is overloaded or broken. */
const RETRIED = new Set([408, 425, 429]);
const isRetried = (status: number): boolean => status >= 500 || RETRIED.has(status);

/** Before the next attempt, after so many: doubling, drawn between half and all of it. @param random in [0, 1) */
export const pauseMs = (attemptCount: number, random: number): number =>
  FIRST_PAUSE_MS * 2 ** (attemptCount - 1) * (0.5 + random / 2);

const reasonOf = (result: AttemptResult): string | undefined => {
  if (result.kind !== 'answered') return result.reason;
  if (result.status >= 200 && result.status < 300) return undefined;
  const redirect = result.status >= 300 && result.status < 400 ? ': redirects are not followed' : '';
  return `the receiver answered ${result.status}${redirect}`;
};

/** The delivery after one more attempt. Any 2xx delivers; what cannot get better, and the last attempt, fail it. */
export const afterAttempt = (delivery: Delivery, result: AttemptResult, attemptedAtMs: number): Delivery => {
  const { errorMessage: _, responseStatus: __, ...rest } = delivery;
  const attemptCount = delivery.attemptCount + 1;
  const reason = reasonOf(result);
  const retried = result.kind === 'unreachable' || (result.kind === 'answered' && isRetried(result.status));
  const open = retried && attemptCount < MOST_ATTEMPTS ? 'PENDING' : 'FAILED';
  return {
    ...rest,
    attemptCount,
    attemptedAtMs,
    status: reason === undefined ? 'DELIVERED' : open,
    ...(result.kind === 'answered' ? { responseStatus: result.status } : {}),
    ...(reason === undefined ? {} : { errorMessage: reason }),
  };
};
