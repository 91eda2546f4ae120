import { MINUTE_MS } from '../../../shared/kernel/time.ts';
import { AwsError, type ServiceContext } from '../contracts.ts';
import { checkQueueName, type Queue, type QueueSettings, queueArn } from './queue.ts';

type Tags = Readonly<Record<string, string>>;

/** The durable queues. */
export interface QueueBook {
  readonly find: (name: string) => Queue | undefined;
  /** @throws AwsError QueueDoesNotExist */
  readonly get: (name: string) => Queue;
  readonly byUrl: (url: string) => Queue;
  readonly byArn: (arn: string) => Queue | undefined;
  readonly url: (queue: Queue) => string;
  readonly list: () => readonly Queue[];
  /** A queue by the API. @throws AwsError QueueDeletedRecently within a minute after one of its name was deleted */
  readonly create: (name: string, settings: QueueSettings, tags?: Tags) => Queue;
  /** Creates a queue, or changes one: a deployment replaces queues without waiting. */
  readonly put: (name: string, settings: QueueSettings) => Queue;
  readonly tag: (name: string, tags: Tags) => void;
  readonly delete: (name: string) => void;
}

export const createQueueBook = (context: ServiceContext): QueueBook => {
  const { clock, store } = context;
  const table = store.table<Queue>('sqs.queues');
  const deletedAtMs = new Map<string, number>();

  const get = (name: string): Queue => {
    const found = table.get(name);
    if (found === undefined) throw new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');
    return found;
  };

  const put: QueueBook['put'] = (name, settings) => {
    const nowMs = clock.nowMs();
    const before = table.get(checkQueueName(name));
    const createdAtMs = before?.createdAtMs ?? nowMs;
    const queue = { ...before, name, arn: queueArn(context, name), createdAtMs, modifiedAtMs: nowMs, settings };
    table.put(name, queue);
    return queue;
  };

  return {
    get,
    put,
    find: table.get,
    byUrl: (url) => get(url.split('/').at(-1) ?? ''),
    byArn: (arn) => table.get(arn.split(':').at(-1) ?? ''),
    url: ({ name }) => `${context.endpoint()}/${context.accountId}/${name}`,
    list: () => table.entries().map(([, queue]) => queue),
    create: (name, settings, tags) => {
      if (clock.nowMs() - (deletedAtMs.get(name) ?? Number.NEGATIVE_INFINITY) < MINUTE_MS) {
        throw new AwsError(
          'QueueDeletedRecently',
          'You must wait 60 seconds after deleting a queue before you can create another with the same name.',
        );
      }
      const queue = put(name, settings);
      if (tags === undefined) return queue;
      const tagged = { ...queue, tags };
      table.put(name, tagged);
      return tagged;
    },
    tag: (name, tags) => table.put(name, { ...get(name), tags }),
    delete: (name) => {
      deletedAtMs.set(name, clock.nowMs());
      table.delete(name);
    },
  };
};
