import { Stack } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import { PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';

/**
 * What roles may do, statement by statement. The CDK's grant methods are not used: they give wildcard actions
 * (`s3:GetObject*`) and change policies of the stack that owns the resource, which every other stack only reads.
 */

type Conditions = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

export const allow = (
  actions: readonly string[],
  resources: readonly string[],
  conditions?: Conditions,
): PolicyStatement =>
  new PolicyStatement({
    actions: [...actions],
    resources: [...resources],
    ...(conditions === undefined ? {} : { conditions }),
  });

export const policy = (statements: readonly PolicyStatement[]): PolicyDocument =>
  new PolicyDocument({ statements: [...statements] });

const viaService = (key: IKey, actions: readonly string[], service: 's3' | 'dynamodb' | 'sns'): PolicyStatement =>
  allow(actions, [key.keyArn], {
    StringEquals: { 'kms:ViaService': `${service}.${Stack.of(key).region}.amazonaws.com` },
  });

/** A bucket with the key that encrypts it. */
export interface EncryptedBucket {
  readonly bucket: Bucket;
  readonly key: IKey;
}

/** Reads objects under prefixes. Listing is granted on the bucket: without it a missing key answers 403, not 404. */
export const readObjects = ({ bucket, key }: EncryptedBucket, ...prefixes: string[]): PolicyStatement[] => [
  allow(
    ['s3:GetObject', 's3:GetObjectVersion'],
    prefixes.map((prefix) => bucket.arnForObjects(`${prefix}*`)),
  ),
  allow(['s3:ListBucket'], [bucket.bucketArn]),
  viaService(key, ['kms:Decrypt'], 's3'),
];

/** Writes objects under prefixes; an upload in parts decrypts its own parts. */
export const writeObjects = ({ bucket, key }: EncryptedBucket, ...prefixes: string[]): PolicyStatement[] => [
  allow(
    ['s3:PutObject', 's3:AbortMultipartUpload'],
    prefixes.map((prefix) => bucket.arnForObjects(`${prefix}*`)),
  ),
  viaService(key, ['kms:Decrypt', 'kms:GenerateDataKey'], 's3'),
];

const READ_ITEMS = ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'];
const WRITE_ITEMS = ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem', 'dynamodb:ConditionCheckItem'];

export interface EncryptedTable {
  readonly table: Table;
  readonly key: IKey;
}

const tableArns = (table: Table): string[] => [table.tableArn, `${table.tableArn}/index/*`];

export const readTable = ({ table, key }: EncryptedTable): PolicyStatement[] => [
  allow(READ_ITEMS, tableArns(table)),
  viaService(key, ['kms:Decrypt'], 'dynamodb'),
];

export const readWriteTable = ({ table, key }: EncryptedTable): PolicyStatement[] => [
  allow([...READ_ITEMS, ...WRITE_ITEMS], tableArns(table)),
  viaService(key, ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey'], 'dynamodb'),
];

export const publishEvents = (bus: EventBus): PolicyStatement[] => [allow(['events:PutEvents'], [bus.eventBusArn])];

export const sendTo = (queue: IQueue): PolicyStatement[] => [allow(['sqs:SendMessage'], [queue.queueArn])];

/** AWS X-Ray has no resources to name. */
export const writeTraces = (): PolicyStatement[] => [
  allow(['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], ['*']),
];
