import { MINUTE_MS } from '../../../shared/kernel/time.ts';
import type { ServiceContext, TimerHandle } from '../contracts.ts';
import type { MessageCounts } from './message.ts';
import type { Queue } from './queue.ts';

export interface QueueReporter {
  /** Puts the queue's metric now, and every minute for as long as a message is visible. */
  report(queue: Queue): void;
  /** `report`, unless the next minute will tell anyway. */
  reportMore(queue: Queue): void;
}

/**
 * A queue with visible messages says so every minute, as on AWS, or the alarm on a dead-letter queue would fall
 * silent while the letter still lies there. An empty queue sets no timer.
 */
export const createQueueReporter = (
  { clock, ports }: ServiceContext,
  counts: (queue: Queue) => MessageCounts,
): QueueReporter => {
  const timers = new Map<string, TimerHandle>();

  const report = (queue: Queue): void => {
    const { visible } = counts(queue);
    ports.putMetric({
      namespace: 'AWS/SQS',
      name: 'ApproximateNumberOfMessagesVisible',
      dimensions: { QueueName: queue.name },
      value: visible,
      unit: 'Count',
    });
    timers.get(queue.name)?.cancel();
    timers.delete(queue.name);
    if (visible === 0) return;
    const nextMs = (Math.floor(clock.nowMs() / MINUTE_MS) + 1) * MINUTE_MS;
    timers.set(
      queue.name,
      clock.at(nextMs, `metrics of queue ${queue.name}`, () => report(queue)),
    );
  };

  return {
    report,
    reportMore: (queue) => {
      if (!timers.has(queue.name)) report(queue);
    },
  };
};
