import { EVENT_SCHEMAS, type EventType } from '../../contracts/events.ts';
import { parse } from '../../contracts/parse.ts';
import type { EventPublisher } from '../../ports/event-publisher.ts';

export interface PublishedEvent {
  readonly type: string;
  readonly detail: unknown;
}

/** Keeps what was published, for tests; checks the schema as the real bus's adapter does. */
export const createMemoryEventPublisher = (): EventPublisher & { readonly published: readonly PublishedEvent[] } => {
  const published: PublishedEvent[] = [];
  return {
    published,
    publish: async (type, detail) => {
      published.push({ type, detail: parse(EVENT_SCHEMAS[type as EventType], detail, `event ${type}`) });
    },
  };
};
