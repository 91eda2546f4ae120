import { AwsError } from '../../contracts.ts';
import type { Fields } from '../../protocols/fields.ts';

export interface PageRequest {
  readonly offset: number;
  readonly limit: number;
}

/** Reads maxResults and nextToken. @throws AwsError InvalidToken */
export const readPage = (fields: Fields, defaultLimit = 100): PageRequest => {
  const limit = fields.integer('maxResults', { min: 0, max: 1_000 }) || defaultLimit;
  const token = fields.text('nextToken');
  if (token === undefined) return { offset: 0, limit };
  const offset = Number(
    Buffer.from(token, 'base64')
      .toString('utf8')
      .replace(/^page:/, ''),
  );
  if (!Number.isInteger(offset) || offset < 0) throw new AwsError('InvalidToken', `Invalid Token: '${token}'`);
  return { offset, limit };
};

export const pageOf = <T>(
  items: readonly T[],
  { offset, limit }: PageRequest,
): { readonly items: readonly T[]; readonly nextToken?: string } => {
  const end = offset + limit;
  const shown = items.slice(offset, end);
  return end < items.length ? { items: shown, nextToken: pageToken(end) } : { items: shown };
};

export const pageToken = (offset: number): string => Buffer.from(`page:${offset}`).toString('base64');
