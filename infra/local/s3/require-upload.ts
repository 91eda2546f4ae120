import type { S3Context, S3Request } from './bucket-access.ts';
import { invalidArgument, s3Error } from './errors.ts';
import type { UploadRecord } from './records.ts';

const MAX_PART_NUMBER = 10_000;

/** The upload that a request names. @throws AwsError NoSuchUpload */
export const requireUpload = ({ store }: S3Context, { query, bucket, key }: S3Request): UploadRecord => {
  const uploadId = query.get('uploadId') ?? '';
  const upload = store.uploads.find(uploadId);
  if (upload === undefined || upload.bucket !== bucket || upload.key !== key) {
    throw s3Error('NoSuchUpload', { UploadId: uploadId });
  }
  return upload;
};

export const partNumberOf = ({ query }: S3Request): number => {
  const given = query.get('partNumber') ?? '';
  const partNumber = Number(given);
  if (!/^\d{1,5}$/.test(given) || partNumber < 1 || partNumber > MAX_PART_NUMBER) {
    throw invalidArgument('Part number must be an integer between 1 and 10000, inclusive', 'partNumber', given);
  }
  return partNumber;
};
