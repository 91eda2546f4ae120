import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { createHttpBody } from '../../../../infra/local/http-body.ts';

const open = () => {
  const message = new PassThrough();
  return { message, body: createHttpBody(message as unknown as IncomingMessage) };
};

it('gives the whole body, again and again', async () => {
  const { message, body } = open();
  message.write('one ');
  message.end('two');

  expect((await body.whole()).toString()).toBe('one two');
  expect((await body.whole()).toString()).toBe('one two');
});

it('fails where the other side goes away before the end', async () => {
  const { message, body } = open();
  const whole = body.whole();
  message.write('one ');
  message.destroy();

  await expect(whole).rejects.toThrow('the request ended before its body did');
});

it('refuses a body above the limit when it has read it all', async () => {
  const { message, body } = open();
  const whole = body.whole(3);
  message.end('four');

  await expect(whole).rejects.toMatchObject({ code: 'RequestEntityTooLargeException', status: 413 });
});
