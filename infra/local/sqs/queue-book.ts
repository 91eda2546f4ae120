import { AwsError, type ServiceContext } from '../contracts.ts';
import { checkQueueName, type Queue, type QueueSettings, queueArn } from './queue.ts';

/** The durable queues. */
export interface QueueBook {
  readonly find: (name: string) => Queue | undefined;
  /** @throws AwsError QueueDoesNotExist */
  readonly get: (name: string) => Queue;
  readonly byUrl: (url: string) => Queue;
  readonly byArn: (arn: string) => Queue | undefined;
  readonly url: (queue: Queue) => string;
  readonly list: () => readonly Queue[];
  readonly put: (name: string, settings: QueueSettings) => Queue;
  readonly delete: (name: string) => void;
}

export const createQueueBook = (context: ServiceContext): QueueBook => {
  const { clock, store } = context;
  const table = store.table<Queue>('sqs.queues');
  const get = (name: string): Queue => {
    const found = table.get(name);
    if (found === undefined) throw new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');
    return found;
  };
  return {
    get,
    find: table.get,
    byUrl: (url) => get(url.split('/').at(-1) ?? ''),
    byArn: (arn) => table.get(arn.split(':').at(-1) ?? ''),
    url: ({ name }) => `${context.endpoint()}/${context.accountId}/${name}`,
    list: () => table.entries().map(([, queue]) => queue),
    put: (name, settings) => {
      const nowMs = clock.nowMs();
      const createdAtMs = table.get(checkQueueName(name))?.createdAtMs ?? nowMs;
      const queue = { name, arn: queueArn(context, name), createdAtMs, modifiedAtMs: nowMs, settings };
      table.put(name, queue);
      return queue;
    },
    delete: table.delete,
  };
};
