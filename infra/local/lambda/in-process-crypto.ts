import { Buffer } from 'node:buffer';
import crypto from 'node:crypto';
import type { IdSource } from '../contracts.ts';
import { inherit } from './inherit.ts';

/** `node:crypto` and Web Crypto with every random value drawn from the seed; all else is Node's own. */
export const createSeededCrypto = (ids: IdSource): { readonly module: object; readonly webcrypto: object } => {
  const fill = <T extends ArrayBufferView>(target: T): T => {
    Buffer.from(target.buffer, target.byteOffset, target.byteLength).set(ids.bytes(target.byteLength));
    return target;
  };
  const randomBytes = (length: number, done?: (error: null, bytes: Buffer) => void): Buffer => {
    const bytes = ids.bytes(length);
    done?.(null, bytes);
    return bytes;
  };
  const randomInt = (min: number, max?: number): number =>
    max === undefined ? Math.floor(ids.random() * min) : min + Math.floor(ids.random() * (max - min));
  const { webcrypto: own } = crypto;
  const webcrypto = inherit(own, { getRandomValues: fill, randomUUID: ids.uuid, subtle: own.subtle });
  const replaced = { randomUUID: ids.uuid, randomBytes, randomFillSync: fill, getRandomValues: fill, randomInt };
  return { module: inherit(crypto, { ...replaced, webcrypto }), webcrypto };
};
