import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { assert } from '../../kernel/assert.ts';
import { ConflictError, NotFoundError } from '../../kernel/errors.ts';
import { callingService } from '../../kernel/unavailable.ts';
import type { ObjectRanges } from '../../ports/object-ranges.ts';

const MOST_BYTES = 64 * 1_024 * 1_024;

const translate = (error: unknown, key: string): unknown => {
  const status = (error as { readonly $metadata?: { readonly httpStatusCode?: number } }).$metadata?.httpStatusCode;
  if (status === 404) return new NotFoundError(`object ${key} does not exist`, { cause: error });
  if (status === 412) return new ConflictError(`object ${key} changed since it was listed`, { cause: error });
  return error;
};

export const createObjectRanges = (options: { readonly client: S3Client; readonly bucket: string }): ObjectRanges => ({
  read: async ({ key, etag, fromByte, toByte }) => {
    assert(fromByte < toByte && toByte - fromByte <= MOST_BYTES, `1 to ${MOST_BYTES} bytes are read at once`);
    try {
      const { Body } = await callingService('S3', () =>
        options.client.send(
          new GetObjectCommand({
            Bucket: options.bucket,
            Key: key,
            IfMatch: etag,
            Range: `bytes=${fromByte}-${toByte - 1}`,
          }),
        ),
      );
      assert(Body !== undefined, `object ${key} came without a body`);
      const bytes = await callingService('S3', () => Body.transformToByteArray());
      assert(bytes.byteLength === toByte - fromByte, `object ${key} gave ${bytes.byteLength} bytes of a range`);
      return bytes;
    } catch (error) {
      throw translate(error, key);
    }
  },
});
