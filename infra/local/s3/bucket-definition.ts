import { s3Error } from './errors.ts';
import type { BucketRecord } from './records.ts';

const NAME = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const IP_ADDRESS = /^\d{1,3}(\.\d{1,3}){3}$/;
const RESERVED = /^(xn--|sthree-|amzn-s3-demo-)|(-s3alias|--ol-s3|--x-s3|--table-s3|\.mrap)$/;

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html @throws AwsError InvalidBucketName */
export const requireBucketName = (name: string): void => {
  if (!NAME.test(name) || IP_ADDRESS.test(name) || RESERVED.test(name) || name.includes('..')) {
    throw s3Error('InvalidBucketName', { BucketName: name });
  }
};

/** A new bucket with AWS's defaults: no versions, no events, encrypted with S3's own keys. */
export const newBucket = (name: string, nowMs: number): BucketRecord => ({
  name,
  createdAtMs: nowMs,
  eventBridge: false,
  encryption: { algorithm: 'AES256' },
  lifecycle: [],
  tags: {},
});
