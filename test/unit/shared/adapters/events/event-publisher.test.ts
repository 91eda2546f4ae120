import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { createEventPublisher } from '../../../../../shared/adapters/events/event-publisher.ts';

const client = mockClient(EventBridgeClient);
const publisher = createEventPublisher({
  client: new EventBridgeClient({ region: 'us-east-1' }),
  eventBusName: 'millrace-dev',
});
const DETAIL = { model: 'toy', version: 1, runId: 'run-1' };

beforeEach(() => client.reset());

describe('the event publisher', () => {
  it('puts an event with our source on our bus', async () => {
    client.on(PutEventsCommand).resolves({ FailedEntryCount: 0, Entries: [{ EventId: '1' }] });

    await publisher.publish('Model Version Registered', DETAIL);

    expect(client.commandCalls(PutEventsCommand)[0]?.args[0].input.Entries).toEqual([
      {
        EventBusName: 'millrace-dev',
        Source: 'millrace',
        DetailType: 'Model Version Registered',
        Detail: JSON.stringify(DETAIL),
      },
    ]);
  });

  it('fails when the bus answers 200 and takes nothing', async () => {
    const entry = { ErrorCode: 'InternalFailure', ErrorMessage: 'try later' };
    client.on(PutEventsCommand).resolves({ FailedEntryCount: 1, Entries: [entry] });

    await expect(publisher.publish('Model Version Registered', DETAIL)).rejects.toMatchObject({
      name: 'UnavailableError',
      message: expect.stringContaining('try later'),
    });
  });

  it('sends nothing that breaks the event’s schema', async () => {
    await expect(publisher.publish('Model Version Registered', { ...DETAIL, version: 0 })).rejects.toMatchObject({
      name: 'InvalidRequestError',
    });
    await expect(publisher.publish('toString', {})).rejects.toMatchObject({ name: 'AssertionError' });

    expect(client.calls()).toEqual([]);
  });
});
