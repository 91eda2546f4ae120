import { expect, onTestFinished, test } from 'vitest';
import { createMessageStore } from '../../../../../infra/local/sqs/message-store.ts';
import { DEFAULT_SETTINGS, type Queue } from '../../../../../infra/local/sqs/queue.ts';
import { startLocalService } from '../../../../helpers/local-service.ts';

const QUEUE: Queue = {
  name: 'work',
  arn: 'arn:aws:sqs:us-east-1:000000000000:work',
  createdAtMs: 0,
  modifiedAtMs: 0,
  settings: DEFAULT_SETTINGS,
};

const start = async (mostInFlight?: number) => {
  const local = await startLocalService([]);
  onTestFinished(() => local.stop());
  const store = createMessageStore(local.context, () => undefined, mostInFlight);
  const send = (body: string) => store.send(QUEUE, { body, attributes: {}, senderId: 'test' });
  return { ...local, messages: store, send };
};

test('gives no more messages when as many as may be are in flight, until some are done', async () => {
  const { messages, send } = await start(2);
  for (const body of ['a', 'b', 'c']) send(body);
  const [first] = messages.receive(QUEUE, { max: 2, visibilitySeconds: 30 });

  expect(() => messages.receive(QUEUE, { max: 1, visibilitySeconds: 30 })).toThrow('Too many messages in flight');
  messages.delete(QUEUE, first?.receiptHandle ?? '');
  expect(messages.receive(QUEUE, { max: 1, visibilitySeconds: 30 }).map(({ body }) => body)).toEqual(['c']);
});

test('hides a message for twelve hours at most, from its receive on', async () => {
  const { clock, messages, send } = await start();
  send('a');
  const [message] = messages.receive(QUEUE, { max: 1, visibilitySeconds: 43_200 });
  await clock.advanceBy(3_600_000);
  const hide = (seconds: number) => () => messages.changeVisibility(QUEUE, message?.receiptHandle ?? '', seconds);

  expect(hide(43_200)).toThrow('Total VisibilityTimeout for the message is beyond the limit [43200 seconds].');
  expect(hide(39_600)).not.toThrow();
});

test('tells whoever watches when a message is sent, and when a hidden one is visible again', async () => {
  const { clock, messages, send } = await start();
  let told = 0;
  const cancel = messages.watch('work', () => {
    told += 1;
  });

  send('a');
  const sent = told;
  messages.receive(QUEUE, { max: 1, visibilitySeconds: 30 });
  await clock.advanceBy(29_000);
  const hidden = told;
  await clock.advanceBy(1_000);
  const back = told;
  cancel();
  send('b');

  expect([sent, hidden, back, told]).toEqual([1, 1, 2, 2]);
});
