import { s3Error } from './errors.ts';
import type { VersionRecord } from './records.ts';

type Headers = Readonly<Record<string, string>>;

const bareTag = (tag: string): string => tag.trim().replace(/^W\//, '').replace(/^"|"$/g, '');

const matchesTag = (header: string, etag: string): boolean =>
  header.split(',').some((tag) => tag.trim() === '*' || bareTag(tag) === etag);

/** HTTP dates have whole seconds. */
const seconds = (atMs: number): number => Math.floor(atMs / 1_000);

interface ReadConditions {
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
  readonly ifModifiedSince: string | undefined;
  readonly ifUnmodifiedSince: string | undefined;
}

export const readConditions = (headers: Headers, prefix = ''): ReadConditions => ({
  ifMatch: headers[`${prefix}if-match`],
  ifNoneMatch: headers[`${prefix}if-none-match`],
  ifModifiedSince: headers[`${prefix}if-modified-since`],
  ifUnmodifiedSince: headers[`${prefix}if-unmodified-since`],
});

const failed = (condition: string) => s3Error('PreconditionFailed', { Condition: condition });

/**
 * What the conditions of a read say of an object: RFC 9110 §13.2.2, by which entity tags outrank dates.
 * @throws AwsError PreconditionFailed
 */
export const readVerdict = (
  conditions: ReadConditions,
  object: { readonly etag: string; readonly modifiedAtMs: number },
): 'send' | 'not modified' => {
  const { ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince } = conditions;
  const modified = seconds(object.modifiedAtMs);
  if (ifMatch !== undefined) {
    if (!matchesTag(ifMatch, object.etag)) throw failed('If-Match');
  } else if (ifUnmodifiedSince !== undefined && modified > seconds(Date.parse(ifUnmodifiedSince))) {
    throw failed('If-Unmodified-Since');
  }
  if (ifNoneMatch !== undefined) return matchesTag(ifNoneMatch, object.etag) ? 'not modified' : 'send';
  if (ifModifiedSince !== undefined && modified <= seconds(Date.parse(ifModifiedSince))) return 'not modified';
  return 'send';
};

/** Checks `If-None-Match: *` and `If-Match` of a write, inside its transaction. @throws AwsError PreconditionFailed, NoSuchKey */
export const requireWriteConditions = (headers: Headers, key: string, current: VersionRecord | undefined): void => {
  const { ifMatch, ifNoneMatch } = readConditions(headers);
  const object = current?.object;
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch.trim() !== '*') {
      throw s3Error('NotImplemented', { Header: 'If-None-Match' }, 'If-None-Match of a write must be *');
    }
    if (object !== undefined) throw failed('If-None-Match');
  }
  if (ifMatch === undefined) return;
  if (object === undefined) throw s3Error('NoSuchKey', { Key: key });
  if (!matchesTag(ifMatch, object.etag)) throw failed('If-Match');
};
