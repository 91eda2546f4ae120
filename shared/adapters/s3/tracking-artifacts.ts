import {
  DeleteObjectsCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  type ListObjectsV2CommandOutput,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { ArtifactSpace } from '../../core/artifacts/index.ts';
import { assert } from '../../kernel/assert.ts';
import { ForbiddenError, LimitExceededError, NotFoundError, UnavailableError } from '../../kernel/errors.ts';
import { callingService } from '../../kernel/unavailable.ts';
import type { ArtifactEntry, TrackingArtifacts } from '../../ports/tracking-artifacts.ts';
import { artifactUploads } from './artifact-uploads.ts';
import { createPresigner } from './presign.ts';

const DOWNLOAD_URL_SECONDS = 300;
const MAX_LISTED = 10_000;
const MAX_PAGES = 10;

const call = <T>(work: () => Promise<T>): Promise<T> => callingService('S3', work);
const statusOf = (error: unknown): number | undefined =>
  (error as { readonly $metadata?: { readonly httpStatusCode?: number } }).$metadata?.httpStatusCode;

/** Whatever the name holds, it stays one value of the header: https://www.rfc-editor.org/rfc/rfc6266 */
const attachment = (name: string): string => {
  const plain = name.replace(/[^ !#-~]/g, '_').replaceAll('\\', '_');
  return `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(name).replace(/['()*]/g, '_')}`;
};

const asDirectory = (key: string): string => (key.endsWith('/') ? key : `${key}/`);

interface BucketCalls {
  readonly client: S3Client;
  readonly bucket: string;
}

const listPages = async function* (
  { client, bucket }: BucketCalls,
  input: Omit<ListObjectsV2CommandInput, 'Bucket'>,
): AsyncGenerator<ListObjectsV2CommandOutput> {
  let token: string | undefined;
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const page: ListObjectsV2CommandOutput = await call(() =>
      client.send(
        new ListObjectsV2Command({
          Bucket: bucket,
          ...input,
          ...(token === undefined ? {} : { ContinuationToken: token }),
        }),
      ),
    );
    yield page;
    token = page.NextContinuationToken;
    if (token === undefined) return;
  }
  throw new LimitExceededError(`more than ${MAX_LISTED} artifacts lie at once under one directory`);
};

const listDirectory = async (calls: BucketCalls, directory: string): Promise<readonly ArtifactEntry[]> => {
  const entries: ArtifactEntry[] = [];
  for await (const page of listPages(calls, { Prefix: directory, Delimiter: '/' })) {
    for (const { Prefix = '' } of page.CommonPrefixes ?? []) {
      entries.push({ name: Prefix.slice(directory.length, -1), isDirectory: true });
    }
    for (const { Key = '', Size = 0 } of page.Contents ?? []) {
      entries.push({ name: Key.slice(directory.length), isDirectory: false, sizeBytes: Size });
    }
  }
  return entries.filter(({ name }) => name !== '').sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
};

const deleteKeys = async ({ client, bucket }: BucketCalls, keys: readonly string[]): Promise<void> => {
  const Objects = keys.map((Key) => ({ Key }));
  const { Errors = [] } = await call(() =>
    client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } })),
  );
  const [first] = Errors;
  if (first !== undefined) {
    throw new UnavailableError(`${Errors.length} artifacts were not deleted, the first by ${first.Code}`);
  }
};

const deleteTree = async (calls: BucketCalls, key: string): Promise<void> => {
  await deleteKeys(calls, [key]);
  for await (const { Contents = [] } of listPages(calls, { Prefix: `${key}/` })) {
    const keys = Contents.flatMap(({ Key }) => (Key === undefined ? [] : [Key]));
    if (keys.length > 0) await deleteKeys(calls, keys);
  }
};

/**
 * A role that may list but some prefixes is refused what does not exist, not told so:
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html (Permissions). A list of the key itself tells.
 */
const isMissing = async ({ client, bucket }: BucketCalls, key: string, error: unknown): Promise<boolean> => {
  if (statusOf(error) !== 403) return statusOf(error) === 404;
  const { Contents = [] } = await call(() =>
    client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: key, MaxKeys: 1 })),
  );
  return Contents[0]?.Key !== key;
};

const describeObject = async (calls: BucketCalls, key: string, path: string) => {
  const { client, bucket } = calls;
  try {
    const { ContentLength = 0 } = await call(() => client.send(new HeadObjectCommand({ Bucket: bucket, Key: key })));
    return { sizeBytes: ContentLength };
  } catch (error) {
    if (await isMissing(calls, key, error))
      throw new NotFoundError(`artifact ${path} does not exist`, { cause: error });
    throw error;
  }
};

/**
 * One workspace's artifacts in the artifact bucket. The role needs s3:GetObject, s3:PutObject, s3:DeleteObject and
 * s3:AbortMultipartUpload on the keys, s3:ListBucket on their prefixes, kms:Decrypt and kms:GenerateDataKey on the
 * bucket's key: a URL can do what the role can do.
 */
export const createTrackingArtifacts = (options: {
  readonly client: S3Client;
  readonly bucket: string;
  readonly space: ArtifactSpace;
  readonly nowMs: () => number;
}): TrackingArtifacts => {
  const { client, bucket, space } = options;
  const presign = createPresigner(options);

  const writableKey = (path: string): string => {
    const { key, writable } = space.locate(path);
    if (!writable) throw new ForbiddenError(`artifact ${path} belongs to a registered version and may only be read`);
    return key;
  };

  return {
    pathOf: space.pathOf,

    put: async (path, body, contentType) => {
      const Key = writableKey(path);
      const ContentType = contentType ?? 'application/octet-stream';
      await call(() => client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: body, ContentType })));
    },

    delete: async (path) => deleteTree(options, writableKey(path)),
    list: async (directory) => listDirectory(options, asDirectory(space.locate(directory).key)),
    describe: async (path) => describeObject(options, space.locate(path).key, path),

    downloadUrl: async (path, { attachmentName } = {}) => {
      const [url] = await presign([
        {
          method: 'GET',
          key: space.locate(path).key,
          validSeconds: DOWNLOAD_URL_SECONDS,
          ...(attachmentName === undefined
            ? {}
            : { query: { 'response-content-disposition': attachment(attachmentName) } }),
        },
      ]);
      assert(url !== undefined, 'one object has one URL');
      return url;
    },

    ...artifactUploads({ client, bucket, presign, writableKey }),
  };
};
