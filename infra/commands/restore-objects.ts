import {
  CopyObjectCommand,
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { LimitExceededError } from '../../shared/kernel/errors.ts';

/** Bringing objects of a versioned bucket back to what they were at an instant. Objects that came later stay. */

export interface ObjectRestoreOptions {
  readonly client: S3Client;
  readonly bucket: string;
  readonly prefix: string;
  readonly atMs: number;
  /** Bring them back; otherwise only say what would change. */
  readonly apply: boolean;
}

export interface ObjectRestore {
  readonly bucket: string;
  /** Keys that were deleted since: their delete markers go, so that version and ETag are the same again. */
  readonly undeleted: readonly string[];
  /** Keys that were overwritten since: the old version is copied on top. */
  readonly rewritten: readonly string[];
}

interface Version {
  readonly key: string;
  readonly versionId: string;
  readonly atMs: number;
  readonly isMarker: boolean;
  readonly isLatest: boolean;
}

interface Listed {
  readonly Key?: string | undefined;
  readonly VersionId?: string | undefined;
  readonly LastModified?: Date | undefined;
  readonly IsLatest?: boolean | undefined;
}

const MOST_VERSIONS = 1_000_000;

const toVersion =
  (isMarker: boolean) =>
  (one: Listed): Version => ({
    key: one.Key ?? '',
    versionId: one.VersionId ?? 'null',
    atMs: one.LastModified?.getTime() ?? 0,
    isMarker,
    isLatest: one.IsLatest ?? false,
  });

const listVersions = async ({
  client,
  bucket,
  prefix,
}: ObjectRestoreOptions): Promise<ReadonlyMap<string, readonly Version[]>> => {
  const byKey = new Map<string, Version[]>();
  let count = 0;
  let [KeyMarker, VersionIdMarker]: (string | undefined)[] = [];
  do {
    const page: ListObjectVersionsCommandOutput = await client.send(
      new ListObjectVersionsCommand({ Bucket: bucket, Prefix: prefix, KeyMarker, VersionIdMarker }),
    );
    const found = [...(page.Versions ?? []).map(toVersion(false)), ...(page.DeleteMarkers ?? []).map(toVersion(true))];
    for (const version of found) byKey.set(version.key, [...(byKey.get(version.key) ?? []), version]);
    count += found.length;
    if (count > MOST_VERSIONS)
      throw new LimitExceededError(`${bucket}/${prefix} has more than ${MOST_VERSIONS} versions`);
    [KeyMarker, VersionIdMarker] = [page.NextKeyMarker, page.NextVersionIdMarker];
  } while (KeyMarker !== undefined);
  return byKey;
};

type Change =
  | { readonly kind: 'undelete'; readonly markers: readonly Version[] }
  | { readonly kind: 'rewrite'; readonly versionId: string };

/** What brings a key back to the instant; undefined when nothing has to, or when it was not there then. */
const changeOf = (versions: readonly Version[], atMs: number): Change | undefined => {
  // Newest first; of two at the same instant the latest is the one that stands.
  const newestFirst = versions.toSorted((a, b) => Number(b.isLatest) - Number(a.isLatest) || b.atMs - a.atMs);
  const then = newestFirst.findIndex((version) => version.atMs <= atMs);
  const standing = newestFirst[then];
  if (standing === undefined || standing.isMarker || then === 0) return undefined;
  const since = newestFirst.slice(0, then);
  if (since.every(({ isMarker }) => isMarker)) return { kind: 'undelete', markers: since };
  return { kind: 'rewrite', versionId: standing.versionId };
};

const bringBack = async (
  { client, bucket: Bucket }: ObjectRestoreOptions,
  key: string,
  change: Change,
): Promise<void> => {
  if (change.kind === 'undelete') {
    for (const { versionId } of change.markers) {
      await client.send(new DeleteObjectCommand({ Bucket, Key: key, VersionId: versionId }));
    }
    return;
  }
  const CopySource = `${Bucket}/${encodeURIComponent(key)}?versionId=${change.versionId}`;
  await client.send(new CopyObjectCommand({ Bucket, Key: key, CopySource }));
};

/**
 * Versions older than the bucket's `noncurrentVersionDays` are gone. Done again it undeletes nothing, and copies once more
 * what was overwritten: S3 does not tell whether two versions hold the same bytes.
 */
export const restoreObjects = async (options: ObjectRestoreOptions): Promise<ObjectRestore> => {
  const undeleted: string[] = [];
  const rewritten: string[] = [];
  for (const [key, versions] of await listVersions(options)) {
    const change = changeOf(versions, options.atMs);
    if (change === undefined) continue;
    if (options.apply) await bringBack(options, key, change);
    (change.kind === 'undelete' ? undeleted : rewritten).push(key);
  }
  return { bucket: options.bucket, undeleted, rewritten };
};
