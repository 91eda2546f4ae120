import { InvalidRequestError } from '../../../kernel/errors.ts';
import type { Position } from './order.ts';

const MAX_LENGTH = 200_000;

const refused = (reason: string): InvalidRequestError => new InvalidRequestError(`Invalid page token: ${reason}`);

/** 2 × 32 bits of FNV-1a over UTF-16 units: enough to tell searches apart, which is all it is for. */
const digestOf = (text: string): string => {
  let forward = 0x811c9dc5;
  let backward = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    forward = Math.imul(forward ^ text.charCodeAt(at), 0x01000193);
    backward = Math.imul(backward ^ text.charCodeAt(text.length - 1 - at), 0x01000193);
  }
  return [forward, backward].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
};

const toBase64 = (text: string): string => {
  let bytes = '';
  for (const byte of new TextEncoder().encode(text)) bytes += String.fromCharCode(byte);
  return btoa(bytes);
};

const fromBase64 = (token: string): unknown => {
  try {
    const bytes = Uint8Array.from(atob(token), (character) => character.charCodeAt(0));
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw refused('it is not one that a search gave out');
  }
};

const encodeValue = (value: number | string | null): string | null =>
  value === null ? null : typeof value === 'number' ? `n${value}` : `t${value}`;

const decodeValue = (value: unknown): number | string | null => {
  if (value === null) return null;
  if (typeof value === 'string' && value.startsWith('t')) return value.slice(1);
  if (typeof value === 'string' && /^n(?:NaN|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/.test(value))
    return Number(value.slice(1));
  throw refused('it is not one that a search gave out');
};

/**
 * An opaque token: where the last page ended, and a digest of the search that it belongs to.
 * @param search whatever decides which rows there are and in which order: JSON.
 */
export const encodePageToken = (search: unknown, position: Position): string =>
  toBase64(JSON.stringify([digestOf(JSON.stringify(search)), ...position.map(encodeValue)]));

/** @throws InvalidRequestError for what no search gave out, and for the token of another search. */
export const decodePageToken = (search: unknown, token: string, fieldCount: number): Position => {
  if (token.length > MAX_LENGTH) throw refused(`it has at most ${MAX_LENGTH} characters`);
  const decoded = fromBase64(token);
  if (!Array.isArray(decoded)) throw refused('it is not one that a search gave out');
  const [digest, ...values] = decoded;
  if (digest !== digestOf(JSON.stringify(search)) || values.length !== fieldCount) {
    throw refused(
      'it belongs to another search; filter, order_by, view and experiments must stay the same from page to page',
    );
  }
  return values.map(decodeValue);
};
