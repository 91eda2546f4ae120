import {
  AwsError,
  type CloudPorts,
  type LocalService,
  type ServiceContext,
  type ServicePrincipal,
} from '../contracts.ts';
import { guardOperations, requireAll } from '../iam/guard.ts';
import { createJsonHandler } from '../protocols/json.ts';
import { eventsAccess, forwardNeeds } from './access.ts';
import { createEventRouter, type EventEnvelope } from './event-router.ts';
import { eventsOperations } from './operations.ts';
import { eventsResources } from './resources.ts';
import { busNameOf } from './rules.ts';

export interface EventsService extends LocalService {
  readonly putEvent: CloudPorts['putEvent'];
  /** Takes an event that a rule forwards to a bus. @throws AwsError ResourceNotFoundException */
  readonly deliver: (targetArn: string, payload: string, from?: ServicePrincipal) => Promise<void>;
}

/** EventBridge: buses, rules, patterns, targets with retries and dead letters. */
export const createEventsService = (context: ServiceContext): EventsService => {
  const router = createEventRouter(context);
  const guard = { access: context.access, service: 'events' };
  const rules = eventsAccess(context, router.book.buses.find);
  return {
    signingName: 'events',
    handle: createJsonHandler({
      targetPrefix: 'AWSEvents',
      version: '1.1',
      operations: guardOperations(guard, rules, eventsOperations(router)),
    }),
    resources: eventsResources(router.book),
    putEvent: (event) => {
      router.put(event);
    },
    deliver: async (targetArn, payload, from) => {
      if (from !== undefined)
        requireAll(guard, from, forwardNeeds(targetArn, router.book.buses.find(busNameOf(targetArn))));
      const event = JSON.parse(payload) as Partial<EventEnvelope>;
      if (event.source === undefined || event['detail-type'] === undefined) {
        throw new AwsError('ValidationException', 'an event bus target takes whole events, without a transformation');
      }
      router.forward(busNameOf(targetArn), event as EventEnvelope);
    },
    start: async () => router.start(),
  };
};
