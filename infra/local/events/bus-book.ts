import { AwsError, type ServiceContext } from '../contracts.ts';
import { busArn, DEFAULT_BUS, type EventBus } from './rules.ts';

/** The durable buses. The default bus exists without being created. */
export interface BusBook {
  /** @throws AwsError ResourceNotFoundException */
  readonly get: (name: string) => EventBus;
  readonly find: (name: string) => EventBus | undefined;
  readonly list: () => readonly EventBus[];
  readonly put: (bus: {
    readonly name: string;
    readonly description?: string | undefined;
    readonly policy?: unknown;
  }) => EventBus;
  readonly delete: (name: string) => void;
}

const BUS_NAME = /^[/.\-_A-Za-z0-9]{1,256}$/;

export const createBusBook = (context: ServiceContext, hasRules: (busName: string) => boolean): BusBook => {
  const table = context.store.table<EventBus>('events.buses');

  const get = (name: string): EventBus => {
    const found = table.get(name);
    if (found !== undefined) return found;
    if (name === DEFAULT_BUS) return { name, arn: busArn(context, name), createdAtMs: 0 };
    throw new AwsError('ResourceNotFoundException', `Event bus ${name} does not exist.`);
  };

  return {
    get,
    find: (name) => table.get(name),
    list: () => [get(DEFAULT_BUS), ...table.entries().flatMap(([, one]) => (one.name === DEFAULT_BUS ? [] : [one]))],
    put: ({ name, ...rest }) => {
      if (!BUS_NAME.test(name)) {
        throw new AwsError('ValidationException', `event bus name must match ${BUS_NAME}, got ${name}`);
      }
      const createdAtMs = table.get(name)?.createdAtMs ?? context.clock.nowMs();
      const written = { name, arn: busArn(context, name), createdAtMs, ...rest };
      table.put(name, written);
      return written;
    },
    delete: (name) => {
      if (name === DEFAULT_BUS) throw new AwsError('ValidationException', 'Cannot delete event bus default.');
      if (hasRules(name)) throw new AwsError('ValidationException', `event bus ${name} still has rules`);
      table.delete(name);
    },
  };
};
