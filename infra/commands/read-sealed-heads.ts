import {
  GetObjectCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { SEALED_HEADS_PREFIX, SealedHeadSchema, sealedHeadKey } from '../../shared/contracts/audit.ts';
import { parse } from '../../shared/contracts/parse.ts';
import type { AuditFinding, SealedHead } from '../../shared/core/audit/index.ts';
import { isPlatformError, LimitExceededError } from '../../shared/kernel/errors.ts';

/**
 * The sealed heads of the audit log. Object Lock keeps versions, not keys: somebody may lay another version or a delete
 * marker over a sealed head, so the oldest version of each key is read, and whatever lies over it is told of.
 */

export interface SealedHeads {
  readonly heads: readonly SealedHead[];
  readonly findings: readonly AuditFinding[];
}

interface SealedKey {
  readonly key: string;
  readonly versionId: string | undefined;
  /** Versions and delete markers that lie over the oldest version. */
  readonly overlayCount: number;
}

const MOST_PAGES = 2_000;
const PARALLEL_READS = 16;

const listKeys = async (client: S3Client, bucket: string): Promise<readonly SealedKey[]> => {
  const entries = new Map<string, { versionId?: string; atMs: number; count: number }>();
  const add = (key = '', versionId: string | undefined, atMs: number): void => {
    const known = entries.get(key) ?? { atMs: Number.POSITIVE_INFINITY, count: 0 };
    const count = known.count + 1;
    // Versions of a key come newest first: of two at one instant the later is the older.
    if (versionId === undefined || atMs > known.atMs) entries.set(key, { ...known, count });
    else entries.set(key, { versionId, atMs, count });
  };
  let [KeyMarker, VersionIdMarker]: (string | undefined)[] = [];
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer: ListObjectVersionsCommandOutput = await client.send(
      new ListObjectVersionsCommand({ Bucket: bucket, Prefix: SEALED_HEADS_PREFIX, KeyMarker, VersionIdMarker }),
    );
    for (const one of answer.Versions ?? []) add(one.Key, one.VersionId, one.LastModified?.getTime() ?? 0);
    for (const one of answer.DeleteMarkers ?? []) add(one.Key, undefined, 0);
    [KeyMarker, VersionIdMarker] = [answer.NextKeyMarker, answer.NextVersionIdMarker];
    if (KeyMarker === undefined) {
      return [...entries].map(([key, { versionId, count }]) => ({ key, versionId, overlayCount: count - 1 }));
    }
  }
  throw new LimitExceededError(`more than ${MOST_PAGES} pages of sealed heads lie in ${bucket}`);
};

/** The chain in a key; the empty text for a key of another form. */
const modelOfKey = (key: string): string => {
  const [, encoded = ''] = /^\d{4}-\d{2}-\d{2}\/(.+)\.json$/.exec(key.slice(SEALED_HEADS_PREFIX.length)) ?? [];
  try {
    return decodeURIComponent(encoded);
  } catch {
    return '';
  }
};

const readOne = async (client: S3Client, Bucket: string, sealed: SealedKey): Promise<SealedHead | undefined> => {
  const { key: Key, versionId: VersionId } = sealed;
  if (VersionId === undefined) return undefined;
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key, VersionId }));
  try {
    const head = parse(SealedHeadSchema, JSON.parse((await Body?.transformToString()) ?? ''), Key);
    return sealedHeadKey(head.day, head.model) === Key ? head : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || isPlatformError(error)) return undefined;
    throw error;
  }
};

export const readSealedHeads = async (client: S3Client, bucket: string): Promise<SealedHeads> => {
  const keys = await listKeys(client, bucket);
  const heads: SealedHead[] = [];
  const findings: AuditFinding[] = [];
  const report = (key: string, message: string): void => {
    findings.push({ model: modelOfKey(key), problem: 'changed', message: `sealed head ${key} ${message}` });
  };
  for (let at = 0; at < keys.length; at += PARALLEL_READS) {
    const batch = keys.slice(at, at + PARALLEL_READS);
    const read = await Promise.all(batch.map((sealed) => readOne(client, bucket, sealed)));
    batch.forEach(({ key, overlayCount }, i) => {
      const head = read[i];
      if (head === undefined) report(key, 'is not what was sealed');
      else heads.push(head);
      if (overlayCount > 0) report(key, `has ${overlayCount} later versions or delete markers over it`);
    });
  }
  return { heads, findings };
};
