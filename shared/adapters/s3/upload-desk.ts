import { randomBytes } from 'node:crypto';
import type { S3Client } from '@aws-sdk/client-s3';
import { assert } from '../../kernel/assert.ts';
import { SECOND_MS } from '../../kernel/time.ts';
import type { UploadDesk } from '../../ports/upload-desk.ts';
import { createPresigner } from './presign.ts';

/** 250 MB over a slow line. */
const UPLOAD_URL_SECONDS = 900;
const ID_BYTES = 16;

/**
 * Presigned PUTs to one bucket. S3 refuses a body of another length than was signed, and one for a key that has an object.
 * The role needs s3:PutObject on the keys: a URL can do what the role can do.
 */
export const createUploadDesk = (options: {
  readonly client: S3Client;
  readonly bucket: string;
  readonly nowMs: () => number;
}): UploadDesk => {
  const presign = createPresigner(options);
  return {
    newId: () => randomBytes(ID_BYTES).toString('hex'),
    sign: async (key, sizeBytes) => {
      const headers = { 'content-length': String(sizeBytes), 'if-none-match': '*' };
      const validUntilMs = Math.floor(options.nowMs() / SECOND_MS) * SECOND_MS + UPLOAD_URL_SECONDS * SECOND_MS;
      const [url] = await presign([{ method: 'PUT', key, headers, validSeconds: UPLOAD_URL_SECONDS }]);
      assert(url !== undefined, 'one object has one URL');
      return { url, headers, expiresAtMs: validUntilMs };
    },
  };
};
