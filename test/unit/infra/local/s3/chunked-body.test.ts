import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { createChunkedDecoder } from '../../../../../infra/local/s3/chunked-body.ts';
import { fc } from '../../../../helpers/properties.ts';

const encode = (chunks: readonly Uint8Array[]): Buffer =>
  Buffer.concat([
    ...chunks
      .filter((chunk) => chunk.length > 0)
      .flatMap((chunk) => [
        Buffer.from(`${chunk.length.toString(16)};chunk-signature=${'0'.repeat(64)}\r\n`),
        chunk,
        Buffer.from('\r\n'),
      ]),
    Buffer.from('0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n'),
  ]);

const decode = (pieces: readonly Buffer[]) => {
  const decoder = createChunkedDecoder();
  const content = Buffer.concat(pieces.flatMap((piece) => decoder.decode(piece)));
  return { content, trailers: decoder.finish() };
};

describe('aws-chunked content', () => {
  it('is decoded wherever the network cuts it', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), fc.integer({ min: 1, max: 9 }), (chunks, step) => {
        const wire = encode(chunks);
        const pieces = Array.from({ length: Math.ceil(wire.length / step) }, (_, index) =>
          wire.subarray(index * step, (index + 1) * step),
        );

        expect(decode(pieces)).toEqual({
          content: Buffer.concat(chunks),
          trailers: { 'x-amz-checksum-crc32': 'AAAAAA==' },
        });
      }),
    );
  });

  it.each([
    ['cut off in a chunk', '5\r\nabc'],
    ['without the last chunk', '3\r\nabc\r\n'],
    ['of a size that is no number', 'xyz\r\nabc\r\n0\r\n\r\n'],
    ['with more bytes than the chunk said', '2\r\nabc\r\n0\r\n\r\n'],
  ])('is refused when %s', (_, wire) => {
    expect(() => decode([Buffer.from(wire)])).toThrow('You did not provide the number of bytes');
  });
});
