import type { CloudIdentity } from '../contracts.ts';
import { type AccessRules, type Input, type Need, textOf } from '../iam/guard.ts';
import { keyNeeds } from '../iam/key-needs.ts';
import type { DeliveryStream } from './delivery-stream.ts';

/** What each operation needs. https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonkinesisfirehose.html */
export const firehoseAccess = ({ partition, region, accountId }: CloudIdentity): AccessRules => {
  const named =
    (action: string) =>
    (input: Input): readonly Need[] => [
      {
        action: `firehose:${action}`,
        resource: `arn:${partition}:firehose:${region}:${accountId}:deliverystream/${textOf(input, 'DeliveryStreamName')}`,
      },
    ];
  return {
    DescribeDeliveryStream: named('DescribeDeliveryStream'),
    ListDeliveryStreams: () => [{ action: 'firehose:ListDeliveryStreams', resource: '*' }],
    PutRecord: named('PutRecord'),
    PutRecordBatch: named('PutRecordBatch'),
  };
};

/**
 * What the stream's role needs for a delivery besides the object's PutObject and its key, which S3 asks for itself.
 * AWS documents these rights as needed and not for which call, so each delivery asks for all.
 * https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html#using-iam-s3
 */
export const deliveryNeeds = (
  identity: CloudIdentity,
  { destination }: DeliveryStream,
  key: string,
): readonly Need[] => [
  { action: 's3:GetBucketLocation', resource: destination.bucketArn },
  { action: 's3:ListBucket', resource: destination.bucketArn },
  { action: 's3:ListBucketMultipartUploads', resource: destination.bucketArn },
  { action: 's3:AbortMultipartUpload', resource: `${destination.bucketArn}/${key}` },
  ...keyNeeds(identity, { keyArn: destination.keyArn, actions: ['Decrypt'], via: 's3' }),
];

/** What a service needs that puts a record. */
export const putNeeds = (streamArn: string): readonly Need[] => [
  { action: 'firehose:PutRecord', resource: streamArn },
  { action: 'firehose:PutRecordBatch', resource: streamArn },
];
