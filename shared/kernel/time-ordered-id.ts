import { assert } from './assert.ts';

/** UUIDs that carry the millisecond of their making: RFC 9562, section 5.7 (version 7). */

const TIME_BYTES = 6;
const SEED_BYTES = 10;
const LARGEST_TIME_MS = 2 ** 48 - 1;
const VERSION_7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Bytes as hex: by concatenation, as an id is made for each row of a request. */
const hexOf = (bytes: Uint8Array, from: number, to: number): string => {
  let text = '';
  for (let i = from; i < to; i += 1) text += HEX[bytes[i] ?? 0];
  return text;
};

/**
 * @param atMs in [0, 2^48).
 * @param seed at least 10 bytes, of which 74 bits are taken: random ones, or a digest of what the id stands for.
 */
export const timeOrderedId = (atMs: number, seed: Uint8Array): string => {
  assert(Number.isInteger(atMs) && atMs >= 0 && atMs <= LARGEST_TIME_MS, `an id's time is in [0, 2^48), got ${atMs}`);
  assert(seed.length >= SEED_BYTES, `an id needs ${SEED_BYTES} bytes of seed, got ${seed.length}`);
  const time = atMs.toString(16).padStart(2 * TIME_BYTES, '0');
  const bytes = seed.slice(0, SEED_BYTES);
  bytes[0] = 0x70 | ((bytes[0] ?? 0) & 0x0f);
  bytes[2] = 0x80 | ((bytes[2] ?? 0) & 0x3f);
  const [head, tail] = [time.slice(0, 8), time.slice(8)];
  return `${head}-${tail}-${hexOf(bytes, 0, 2)}-${hexOf(bytes, 2, 4)}-${hexOf(bytes, 4, SEED_BYTES)}`;
};

/** When an id was made, in epoch milliseconds; undefined for a text that is no version 7 UUID. */
export const timeOfId = (id: string): number | undefined =>
  VERSION_7.test(id) ? Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) : undefined;
