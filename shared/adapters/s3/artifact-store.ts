import {
  CopyObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { assert } from '../../kernel/assert.ts';
import { ConflictError, LimitExceededError, NotFoundError } from '../../kernel/errors.ts';
import { callingService } from '../../kernel/unavailable.ts';
import type { ArtifactStore, StoredObject } from '../../ports/artifact-store.ts';

export const createS3Client = (): S3Client => new S3Client({});

const DEFAULT_LIST_LIMIT = 10_000;
const OCTETS = 'application/octet-stream';

const call = <T>(work: () => Promise<T>): Promise<T> => callingService('S3', work);
const statusOf = (error: unknown): number | undefined =>
  (error as { readonly $metadata?: { readonly httpStatusCode?: number } }).$metadata?.httpStatusCode;

/** An error of S3's about a key as ours; any other as it is. */
const translate = (error: unknown, key: string): unknown => {
  const status = statusOf(error);
  if (status === 404) return new NotFoundError(`object ${key} does not exist`, { cause: error });
  if (status === 412) return new ConflictError(`object ${key} changed since it was listed`, { cause: error });
  if (status === 409) return new ConflictError(`object ${key} is being written by another`, { cause: error });
  return error;
};

/** One bucket of S3. Writes are verified by S3 against the checksum that the SDK sends. */
export const createArtifactStore = (options: { readonly client: S3Client; readonly bucket: string }): ArtifactStore => {
  const { client, bucket: Bucket } = options;

  const listPage = async (
    prefix: string,
    from: Pick<ListObjectsV2CommandInput, 'StartAfter' | 'ContinuationToken'>,
  ) => {
    const page = await call(() => client.send(new ListObjectsV2Command({ Bucket, Prefix: prefix, ...from })));
    const objects = (page.Contents ?? []).map((object): StoredObject => {
      assert(object.Key !== undefined && object.ETag !== undefined, 'S3 lists objects with key and ETag');
      return {
        key: object.Key,
        sizeBytes: object.Size ?? 0,
        etag: object.ETag,
        lastModifiedMs: object.LastModified?.getTime() ?? 0,
      };
    });
    return { objects, token: page.NextContinuationToken };
  };

  return {
    get: async (key, ifMatch) => {
      try {
        const { Body } = await call(() =>
          client.send(
            new GetObjectCommand({ Bucket, Key: key, ...(ifMatch === undefined ? {} : { IfMatch: ifMatch }) }),
          ),
        );
        assert(Body !== undefined, `object ${key} came without a body`);
        return await call(() => Body.transformToByteArray());
      } catch (error) {
        throw translate(error, key);
      }
    },

    put: async (key, body, contentType = OCTETS) => {
      const { ETag, VersionId } = await call(() =>
        client.send(new PutObjectCommand({ Bucket, Key: key, Body: body, ContentType: contentType })),
      );
      assert(ETag !== undefined, `object ${key} was stored without an ETag`);
      return { etag: ETag, ...(VersionId === undefined ? {} : { versionId: VersionId }) };
    },

    putIfAbsent: async (key, body, contentType = OCTETS) => {
      try {
        await call(() =>
          client.send(
            new PutObjectCommand({ Bucket, Key: key, Body: body, ContentType: contentType, IfNoneMatch: '*' }),
          ),
        );
        return true;
      } catch (error) {
        if (statusOf(error) === 412) return false;
        throw translate(error, key);
      }
    },

    list: async (prefix, limit = DEFAULT_LIST_LIMIT, after) => {
      const found: StoredObject[] = [];
      let token: string | undefined;
      do {
        const start = after === undefined ? {} : { StartAfter: after };
        const page = await listPage(prefix, token === undefined ? start : { ContinuationToken: token });
        found.push(...page.objects);
        if (found.length > limit) {
          throw new LimitExceededError(`more than ${limit} objects lie under ${prefix}`);
        }
        token = page.token;
      } while (token !== undefined);
      return found;
    },

    copy: async (source, key) => {
      const CopySource = `${Bucket}/${source.key.split('/').map(encodeURIComponent).join('/')}`;
      try {
        const { CopyObjectResult } = await call(() =>
          client.send(new CopyObjectCommand({ Bucket, Key: key, CopySource, CopySourceIfMatch: source.etag })),
        );
        assert(CopyObjectResult?.ETag !== undefined, `object ${key} was copied without an ETag`);
        return { etag: CopyObjectResult.ETag };
      } catch (error) {
        throw translate(error, source.key);
      }
    },

    exists: async (key) => {
      try {
        await call(() => client.send(new HeadObjectCommand({ Bucket, Key: key })));
        return true;
      } catch (error) {
        if (statusOf(error) === 404) return false;
        throw error;
      }
    },
  };
};
