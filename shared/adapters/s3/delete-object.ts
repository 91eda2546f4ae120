import { DeleteObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { callingService } from '../../kernel/unavailable.ts';

/** Deletes objects of one bucket, one a call. A missing one is fine. */
export const createObjectDeletion =
  (options: { readonly client: S3Client; readonly bucket: string }): ((key: string) => Promise<void>) =>
  async (key) => {
    const command = new DeleteObjectCommand({ Bucket: options.bucket, Key: key });
    await callingService('S3', () => options.client.send(command));
  };
