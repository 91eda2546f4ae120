import { randomBytes } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { assert } from '../../kernel/assert.ts';
import { InvalidRequestError, NotFoundError } from '../../kernel/errors.ts';
import { shorten } from '../../kernel/show-value.ts';
import { callingService } from '../../kernel/unavailable.ts';
import type { TrackingArtifacts } from '../../ports/tracking-artifacts.ts';
import type { createPresigner } from './presign.ts';

type ArtifactUploads = Pick<TrackingArtifacts, 'createUpload' | 'completeUpload' | 'abortUpload'>;

/** Parts are sent one after another from when the upload begins, so their URLs live as long as a URL may. */
const PART_URL_SECONDS = 900;
/** The answer with so many URLs, each with a session token, still fits what Lambda may answer (6 MB). */
const MAX_PARTS = 2_000;
/** The object's metadata that tells which upload wrote it. */
const UPLOAD_MARK = 'upload';

/** What S3 says of parts that are not as they should be. */
const PART_FAULTS = new Set(['InvalidPart', 'InvalidPartOrder', 'EntityTooSmall', 'MalformedXML', 'InvalidArgument']);

const call = <T>(work: () => Promise<T>): Promise<T> => callingService('S3', work);
const isMissing = (error: unknown): boolean =>
  (error as { readonly $metadata?: { readonly httpStatusCode?: number } }).$metadata?.httpStatusCode === 404;

const uploadFault = (error: unknown, path: string): unknown => {
  const { name, message } = error as Error;
  if (name === 'NoSuchUpload') {
    return new NotFoundError(`no such upload of artifact ${path} is under way: it was completed or aborted`, {
      cause: error,
    });
  }
  if (!PART_FAULTS.has(name)) return error;
  return new InvalidRequestError(`the upload of artifact ${path} cannot be completed: ${shorten(message, 200)}`, {
    cause: error,
  });
};

/**
 * The id that a client is given: S3's, and a mark that the object will bear. By it a client that completes an upload
 * again, because the answer was lost, is told from one that completes an upload which never was.
 */
const joinUploadId = (id: string, mark: string): string => `${id}.${mark}`;
const splitUploadId = (uploadId: string): { readonly id: string; readonly mark: string } => {
  const dot = uploadId.lastIndexOf('.');
  return dot < 0 ? { id: uploadId, mark: '' } : { id: uploadId.slice(0, dot), mark: uploadId.slice(dot + 1) };
};

const requirePartCount = (partCount: number): void => {
  if (Number.isInteger(partCount) && partCount >= 1 && partCount <= MAX_PARTS) return;
  throw new InvalidRequestError(
    `num_parts must be in [1, ${MAX_PARTS}], got ${partCount}: larger parts are set by MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE`,
  );
};

/** Uploads in parts, which go from the client to S3 by presigned URLs. */
export const artifactUploads = ({
  client,
  bucket: Bucket,
  presign,
  writableKey,
}: {
  readonly client: S3Client;
  readonly bucket: string;
  readonly presign: ReturnType<typeof createPresigner>;
  /** @throws ForbiddenError */
  readonly writableKey: (path: string) => string;
}): ArtifactUploads => {
  const isWrittenBy = async (Key: string, mark: string): Promise<boolean> => {
    try {
      const { Metadata } = await call(() => client.send(new HeadObjectCommand({ Bucket, Key })));
      return mark !== '' && Metadata?.[UPLOAD_MARK] === mark;
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  };

  return {
    createUpload: async (path, partCount) => {
      requirePartCount(partCount);
      const key = writableKey(path);
      const mark = randomBytes(8).toString('hex');
      const begin = { Bucket, Key: key, Metadata: { [UPLOAD_MARK]: mark } };
      const { UploadId: uploadId } = await call(() => client.send(new CreateMultipartUploadCommand(begin)));
      assert(uploadId !== undefined, 'an upload that began has an id');
      const partUrls = await presign(
        Array.from({ length: partCount }, (_, index) => ({
          method: 'PUT',
          key,
          query: { partNumber: String(index + 1), uploadId },
          validSeconds: PART_URL_SECONDS,
        })),
      );
      return { uploadId: joinUploadId(uploadId, mark), partUrls };
    },

    completeUpload: async (path, uploadId, parts) => {
      const { id, mark } = splitUploadId(uploadId);
      const Key = writableKey(path);
      const Parts = parts.map(({ partNumber, etag }) => ({ PartNumber: partNumber, ETag: etag }));
      const upload = { Bucket, Key, UploadId: id, MultipartUpload: { Parts } };
      try {
        await call(() => client.send(new CompleteMultipartUploadCommand(upload)));
      } catch (error) {
        if ((error as Error).name === 'NoSuchUpload' && (await isWrittenBy(Key, mark))) return;
        throw uploadFault(error, path);
      }
    },

    abortUpload: async (path, uploadId) => {
      const upload = { Bucket, Key: writableKey(path), UploadId: splitUploadId(uploadId).id };
      try {
        await call(() => client.send(new AbortMultipartUploadCommand(upload)));
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
    },
  };
};
