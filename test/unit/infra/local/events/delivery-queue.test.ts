import { expect, onTestFinished, test } from 'vitest';
import { type DeliveryFault, NO_FAULTS } from '../../../../../infra/local/contracts.ts';
import { createDeliveryQueue, type Delivery } from '../../../../../infra/local/events/delivery-queue.ts';
import { startLocalService } from '../../../../helpers/local-service.ts';

const start = async (faults: readonly (DeliveryFault | undefined)[]) => {
  let asked = 0;
  const local = await startLocalService([], { faults: { ...NO_FAULTS, delivery: () => faults[asked++] } });
  onTestFinished(() => local.stop());
  const delivered: { readonly id: string; readonly attempt: number; readonly afterMs: number }[] = [];
  const startMs = local.clock.nowMs();
  const queue = createDeliveryQueue(local.context, {
    tableName: 'deliveries',
    service: 'events',
    sourceOf: () => 'rule',
    deadLetterFrom: () => ({ service: 'events.amazonaws.com' }),
    pauseMs: () => 1_000,
    deliver: async ({ id }, attempt) => {
      delivered.push({ id, attempt, afterMs: local.clock.nowMs() - startMs });
    },
  });
  const delivery: Delivery = {
    id: 'one',
    targetArn: 'arn:aws:lambda:us-east-1:000000000000:function:f',
    payload: '{}',
    createdAtMs: startMs,
    attempts: 0,
    nextAtMs: startMs,
    maximumRetryAttempts: 1,
    maximumEventAgeSeconds: 3_600,
    attributes: {},
  };
  queue.store([delivery]);
  queue.schedule(delivery);
  await local.clock.advanceBy(60_000);
  return { ...local, delivered };
};

test('delivers once without a fault', async () => {
  const { delivered } = await start([]);

  expect(delivered).toEqual([{ id: 'one', attempt: 1, afterMs: 0 }]);
});

test('a duplicate is a second delivery by another id', async () => {
  const { delivered } = await start([{ kind: 'duplicate' }]);

  expect(delivered).toHaveLength(2);
  expect(delivered[1]?.id).not.toBe('one');
});

test('a delay postpones the attempt and counts as none', async () => {
  const { delivered } = await start([{ kind: 'delay', delayMs: 7_000 }]);

  expect(delivered).toEqual([{ id: 'one', attempt: 1, afterMs: 7_000 }]);
});

test('a rejection is a failed attempt, which the retry policy limits', async () => {
  const recovered = await start([{ kind: 'reject' }]);
  const given = await start([{ kind: 'reject' }, { kind: 'reject' }]);

  expect(recovered.delivered).toEqual([{ id: 'one', attempt: 2, afterMs: 1_000 }]);
  expect(given.delivered).toEqual([]);
  expect(given.recorded.problems).toEqual([expect.objectContaining({ message: 'delivery dropped' })]);
});
