import { Buffer } from 'node:buffer';
import { InvalidRequestError } from '../../kernel/errors.ts';

/** A cursor is the sort key after which the next page begins; the partition is the reader's own, never the caller's. */

const LONGEST_SORT_KEY = 1_024;

export const encodeCursor = (sortKey: string): string => Buffer.from(sortKey, 'utf8').toString('base64url');

/** @throws InvalidRequestError unless the text is a cursor of this list. */
export const decodeCursor = (cursor: string, form: RegExp): string => {
  const sortKey = Buffer.from(cursor, 'base64url').toString('utf8');
  if (sortKey.length > LONGEST_SORT_KEY || !form.test(sortKey)) {
    throw new InvalidRequestError('cursor is not one that this list gave out');
  }
  return sortKey;
};
