import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { EVENT_SCHEMAS, EVENT_SOURCE, type EventType } from '../../contracts/events.ts';
import { parse } from '../../contracts/parse.ts';
import { assert } from '../../kernel/assert.ts';
import { UnavailableError } from '../../kernel/errors.ts';
import { callingService } from '../../kernel/unavailable.ts';
import type { EventPublisher } from '../../ports/event-publisher.ts';

export const createEventBridgeClient = (): EventBridgeClient => new EventBridgeClient({});

/**
 * Publishes on the platform's bus. EventBridge answers 200 even when it took none of the entries, so the count of
 * failures is checked.
 */
export const createEventPublisher = (options: {
  readonly client: EventBridgeClient;
  readonly eventBusName: string;
}): EventPublisher => ({
  publish: async (type, detail) => {
    assert(Object.hasOwn(EVENT_SCHEMAS, type), `event type ${JSON.stringify(type)} has no schema`);
    const checked = parse(EVENT_SCHEMAS[type as EventType], detail, `event ${type}`);
    const { FailedEntryCount, Entries } = await callingService('EventBridge', () =>
      options.client.send(
        new PutEventsCommand({
          Entries: [
            {
              EventBusName: options.eventBusName,
              Source: EVENT_SOURCE,
              DetailType: type,
              Detail: JSON.stringify(checked),
            },
          ],
        }),
      ),
    );
    if (FailedEntryCount) {
      const [entry] = Entries ?? [];
      throw new UnavailableError(`event ${type} was not taken: ${entry?.ErrorCode}: ${entry?.ErrorMessage}`);
    }
  },
});
