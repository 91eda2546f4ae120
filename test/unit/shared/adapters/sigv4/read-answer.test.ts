import { describe, expect, it } from 'vitest';
import { createAnswerReader } from '../../../../../shared/adapters/sigv4/read-answer.ts';
import { fc } from '../../../../helpers/properties.ts';

const text = (body: Uint8Array | undefined): string => Buffer.from(body ?? []).toString();
const SIZED = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: 1\r\nx-a:  2 \r\n\r\nhello';
const CHUNKED =
  'HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n5;name=x\r\nhello\r\n1\r\n!\r\n0\r\nTrailer: t\r\n\r\n';

describe('an answer', () => {
  it.each([
    [SIZED, 200, 'hello', true],
    [CHUNKED, 403, 'hello!', true],
    [`HTTP/1.1 100 Continue\r\n\r\n${SIZED}`, 200, 'hello', true],
    ['HTTP/1.1 204 No Content\r\n\r\n', 204, '', true],
    ['HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n', 304, '', true],
    ['HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok', 200, 'ok', false],
    ['HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok', 200, 'ok', false],
    ['HTTP/1.1 200 \r\ncontent-length: 0\r\n\r\n', 200, '', true],
  ])('is read however its bytes come: %j', (wire, status, body, reusable) => {
    const bytes = Buffer.from(wire);
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: bytes.length - 1 }), { maxLength: 12 });

    fc.assert(
      fc.property(cuts, (places) => {
        const reader = createAnswerReader();
        const edges = [0, ...places.toSorted((a, b) => a - b), bytes.length];
        const answers = edges.slice(1).map((end, i) => reader.take(bytes.subarray(edges[i], end)));

        expect(answers.slice(0, -1).every((answer) => answer === undefined)).toBe(true);
        expect(answers.at(-1)).toMatchObject({ status, reusable });
        expect(text(answers.at(-1)?.body)).toBe(body);
      }),
    );
  });

  it('has names in lower case, and the values of one name together', () => {
    expect(createAnswerReader().take(Buffer.from(SIZED))?.headers).toEqual({ 'content-length': '5', 'x-a': '1, 2' });
  });

  it('without a length ends with its connection', () => {
    const reader = createAnswerReader();

    expect(reader.take(Buffer.from('HTTP/1.1 200 OK\r\n\r\nhel'))).toBeUndefined();
    expect(reader.take(Buffer.from('lo'))).toBeUndefined();
    expect(text(reader.end()?.body)).toBe('hello');
  });

  it('that was cut is none', () => {
    const reader = createAnswerReader();
    reader.take(Buffer.from(SIZED).subarray(0, -1));

    expect(reader.end()).toBeUndefined();
  });

  it('with bytes behind it leaves a connection that is not used again', () => {
    expect(createAnswerReader().take(Buffer.from(`${SIZED}more`))).toMatchObject({ reusable: false });
    expect(createAnswerReader().take(Buffer.from(`${CHUNKED}more`))).toMatchObject({ reusable: false });
  });

  it.each([
    ['SSH-2.0-x\r\n\r\n', 'does not begin with a status'],
    ['HTTP/1.1 200 OK\r\nno header\r\n\r\n', 'has a header that is none'],
    ['HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n', 'has a length that is no number'],
    ['HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n', 'has a length that is no number'],
    ['HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\n', 'has a transfer coding that is not read'],
    ['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nx\r\n', 'has a chunk without a size'],
    ['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nab\r\n', 'has a chunk of another size'],
    [`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(70_000)}`, 'has headers without an end'],
  ])('is refused: %.60j', (wire, message) => {
    expect(() => createAnswerReader().take(Buffer.from(wire))).toThrow(message);
  });
});
