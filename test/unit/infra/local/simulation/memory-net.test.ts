import type { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { createMemoryNet } from '../../../../../infra/local/simulation/memory-net.ts';
import type { MemoryRequest, MemoryResponse } from '../../../../../infra/local/simulation/transport.ts';
import { createAnswerReader } from '../../../../../shared/adapters/sigv4/read-answer.ts';

interface Connection extends EventEmitter {
  write(text: string): boolean;
  setTimeout(ms: number): unknown;
  destroy(): unknown;
}
interface Net {
  connect(options: { readonly host: string; readonly port: number }): Connection;
}

const HEAD = 'POST /a?b=c HTTP/1.1\r\nHost: cloud:1\r\nContent-Length: 5\r\n\r\n';
const NO_TIMERS = { setTimeout: () => undefined, clearTimeout: () => {} };

const connect = (answer: MemoryResponse | Error, timers = NO_TIMERS) => {
  const asked: MemoryRequest[] = [];
  const net = createMemoryNet(
    'cloud:1',
    (request, reply) => {
      asked.push(request);
      reply(answer);
    },
    timers,
  ) as Net;
  return { asked, connection: net.connect({ host: 'cloud', port: 1 }), net };
};

it('a connection carries one request after another, however they are written', () => {
  const { asked, connection } = connect({
    status: 201,
    headers: { 'x-a': 'b', 'content-length': '99', 'transfer-encoding': 'chunked' },
    body: Buffer.from('answered'),
  });
  const answers: unknown[] = [];
  let reader = createAnswerReader();
  connection.on('data', (bytes: Buffer) => {
    const answer = reader.take(bytes);
    reader = createAnswerReader();
    answers.push([answer?.status, answer?.headers, Buffer.from(answer?.body ?? []).toString(), answer?.reusable]);
  });

  for (const piece of [HEAD.slice(0, 30), HEAD.slice(30), 'he', 'llo', `${HEAD}again`]) connection.write(piece);

  const head = { method: 'POST', target: '/a?b=c', headers: { host: 'cloud:1', 'content-length': '5' } };
  expect(asked.map(({ body, ...rest }) => ({ ...rest, body: body.toString() }))).toEqual([
    { ...head, body: 'hello' },
    { ...head, body: 'again' },
  ]);
  const answer = [201, { 'x-a': 'b', 'content-length': '8' }, 'answered', true];
  expect(answers).toEqual([answer, answer]);
});

it('a fault ends it', async () => {
  const { connection } = connect(Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }));
  const heard: string[] = [];
  connection.on('error', ({ code }: { readonly code: string }) => heard.push(code));
  const closed = new Promise((resolve) => connection.on('close', resolve));

  connection.write(`${HEAD}hello`);
  await closed;

  expect(heard).toEqual(['ECONNRESET']);
});

it('tells of silence by the timers of the simulation', () => {
  let ring = (): void => {};
  const { connection } = connect(new Error('none'), {
    setTimeout: ((task: () => void) => {
      ring = task;
      return 1;
    }) as never,
    clearTimeout: () => {},
  });
  let silent = 0;
  connection.on('timeout', () => {
    silent += 1;
  });

  connection.setTimeout(10);
  ring();

  expect(silent).toBe(1);
});

it('reaches nothing but the cloud', () => {
  expect(() => connect(new Error('none')).net.connect({ host: 'example.org', port: 443 })).toThrow('ENETUNREACH');
});
