import { Buffer } from 'node:buffer';
import { hash } from 'node:crypto';

/** RFC 2104: bytes of a block of SHA-256, and what the key is mixed with before the text and before its digest. */
const BLOCK_BYTES = 64;
const INNER = 0x36;
const OUTER = 0x5c;

const mixedWith = (key: Uint8Array, pad: number, text: string | Uint8Array): Buffer => {
  const mixed = Buffer.alloc(BLOCK_BYTES, pad);
  for (let i = 0; i < key.length; i++) mixed[i] = pad ^ (key[i] as number);
  return Buffer.concat([mixed, Buffer.from(text)]);
};

/**
 * HMAC-SHA-256 by two digests: each `createHmac` makes a key object and a stream, which takes a cold start's first twenty
 * signatures twice as long.
 */
export const hmacSha256 = (key: string | Uint8Array, text: string): Buffer => {
  const bytes = Buffer.from(key);
  const short = bytes.length > BLOCK_BYTES ? hash('sha256', bytes, 'buffer') : bytes;
  return hash('sha256', mixedWith(short, OUTER, hash('sha256', mixedWith(short, INNER, text), 'buffer')), 'buffer');
};
