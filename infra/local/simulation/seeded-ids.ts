import { Buffer } from 'node:buffer';
import type { IdSource } from '../contracts.ts';
import type { SeededRandom } from './seeded-random.ts';

const seededBytes = (random: SeededRandom, length: number): Buffer => {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at += 4) {
    let word = random.next();
    for (let i = at; i < Math.min(at + 4, length); i += 1) {
      bytes[i] = word & 0xff;
      word >>>= 8;
    }
  }
  return bytes;
};

/** A version 4 UUID (RFC 9562) of 16 drawn bytes. */
const uuidOf = (bytes: Buffer): string => {
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
};

/** Ids and chance as a function of the seed. They are no secrets: never for anything but a simulation. */
export const createSeededIds = (random: SeededRandom): IdSource => ({
  uuid: () => uuidOf(seededBytes(random, 16)),
  bytes: (length) => seededBytes(random, length),
  random: random.fraction,
});
