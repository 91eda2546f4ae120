import { describe, expect, it } from 'vitest';
import { afterAttempt, type Delivery, MOST_ATTEMPTS, pauseMs } from '../../../../../shared/core/webhooks/index.ts';

const delivery: Delivery = {
  deliveryId: 'd',
  webhookId: 'w',
  entity: 'prompt',
  action: 'created',
  status: 'PENDING',
  attemptCount: 0,
  createdAtMs: 1,
};

describe('a delivery', () => {
  it.each([200, 204, 299])('is done when the receiver answers %i', (status) => {
    const before = { ...delivery, attemptCount: 2, errorMessage: 'no', responseStatus: 500 };

    expect(afterAttempt(before, { kind: 'answered', status }, 7)).toEqual({
      ...delivery,
      status: 'DELIVERED',
      attemptCount: 3,
      responseStatus: status,
      attemptedAtMs: 7,
    });
  });

  it.each([500, 503, 429, 408])('stays open after %i until its last attempt', (status) => {
    const last = { ...delivery, attemptCount: MOST_ATTEMPTS - 1 };

    expect(afterAttempt(delivery, { kind: 'answered', status }, 7).status).toBe('PENDING');
    expect(afterAttempt(last, { kind: 'answered', status }, 7)).toMatchObject({
      status: 'FAILED',
      attemptCount: MOST_ATTEMPTS,
      errorMessage: `the receiver answered ${status}`,
    });
  });

  it('fails at once where another attempt cannot help', () => {
    expect(afterAttempt(delivery, { kind: 'answered', status: 404 }, 7).status).toBe('FAILED');
    expect(afterAttempt(delivery, { kind: 'answered', status: 302 }, 7)).toMatchObject({
      status: 'FAILED',
      errorMessage: 'the receiver answered 302: redirects are not followed',
    });
    expect(afterAttempt(delivery, { kind: 'refused', reason: 'private' }, 7)).toMatchObject({
      status: 'FAILED',
      errorMessage: 'private',
    });
    expect(afterAttempt(delivery, { kind: 'unreachable', reason: 'ECONNREFUSED' }, 7).status).toBe('PENDING');
  });

  it('waits twice as long before each attempt', () => {
    expect([pauseMs(1, 0), pauseMs(1, 1), pauseMs(2, 0)]).toEqual([250, 500, 500]);
  });
});
