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

/**
 * A policy of these statements. Those with the same resources and conditions become one: whoever reads and writes an
 * encrypted bucket asks for its key twice, and a permission that stands twice cannot be taken away by one change.
 */
export const policy = (statements: readonly PolicyStatement[]): PolicyDocument => {
  const byScope = new Map<string, PolicyStatement>();
  for (const statement of statements) {
    const { actions, resources, conditions } = statement;
    const scope = JSON.stringify([resources, conditions]);
    const standing = byScope.get(scope);
    const merged = [...new Set([...(standing?.actions ?? []), ...actions])];
    byScope.set(scope, allow(merged, resources, conditions as Conditions));
  }
  return new PolicyDocument({ statements: [...byScope.values()] });
};

const viaService = (key: IKey, actions: readonly string[], service: 's3' | 'dynamodb' | 'sns'): PolicyStatement =>
  allow(actions, [key.keyArn], {
    StringEquals: { 'kms:ViaService': `${service}.${Stack.of(key).region}.amazonaws.com` },
  });

/** A bucket with the key that encrypts it. */
export interface EncryptedBucket {
  readonly bucket: Bucket;
  readonly key: IKey;
}

const objectArns = (bucket: Bucket, prefixes: readonly string[]): string[] =>
  prefixes.map((prefix) => bucket.arnForObjects(`${prefix}*`));

/** Reads objects under prefixes, which must exist: a missing key answers 403 to whoever may not list the bucket. */
export const readObjects = ({ bucket, key }: EncryptedBucket, ...prefixes: string[]): PolicyStatement[] => [
  allow(['s3:GetObject'], objectArns(bucket, prefixes)),
  viaService(key, ['kms:Decrypt'], 's3'),
];

/** Lists a bucket, and is told 404 of a key that is missing. */
export const listObjects = ({ bucket }: EncryptedBucket): PolicyStatement[] => [
  allow(['s3:ListBucket'], [bucket.bucketArn]),
];

/** Writes objects under prefixes, each in one request. */
export const writeObjects = ({ bucket, key }: EncryptedBucket, ...prefixes: string[]): PolicyStatement[] => [
  allow(['s3:PutObject'], objectArns(bucket, prefixes)),
  viaService(key, ['kms:GenerateDataKey'], 's3'),
];

/** Writes objects under prefixes, large ones in parts: an upload in parts decrypts its own parts. */
export const uploadObjects = ({ bucket, key }: EncryptedBucket, ...prefixes: string[]): PolicyStatement[] => [
  allow(['s3:PutObject', 's3:AbortMultipartUpload'], objectArns(bucket, prefixes)),
  viaService(key, ['kms:Decrypt', 'kms:GenerateDataKey'], 's3'),
];

/** Lists what lies under prefixes. Of a missing key its reader is told 403: there the condition has no prefix to meet. */
export const listObjectsUnder = ({ bucket }: EncryptedBucket, ...prefixes: string[]): PolicyStatement[] => [
  allow(['s3:ListBucket'], [bucket.bucketArn], { StringLike: { 's3:prefix': prefixes.map((prefix) => `${prefix}*`) } }),
];

/** Reads, writes and deletes objects under a prefix, large ones in parts. */
export const manageObjects = ({ bucket, key }: EncryptedBucket, prefix: string): PolicyStatement[] => [
  allow(['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload'], objectArns(bucket, [prefix])),
  viaService(key, ['kms:Decrypt', 'kms:GenerateDataKey'], 's3'),
];

/** What DynamoDB's API asks of an item; the items of a transaction are asked for like single ones. */
type ItemAction =
  | 'GetItem'
  | 'BatchGetItem'
  | 'Query'
  | 'ConditionCheckItem'
  | 'PutItem'
  | 'UpdateItem'
  | 'DeleteItem'
  | 'BatchWriteItem';

const READS: readonly ItemAction[] = ['GetItem', 'BatchGetItem', 'Query', 'ConditionCheckItem'];

export interface EncryptedTable {
  readonly table: Table;
  readonly key: IKey;
}

const useOfKey = (key: IKey, actions: readonly ItemAction[]): PolicyStatement => {
  const writes = actions.some((action) => !READS.includes(action));
  return viaService(key, ['kms:Decrypt', ...(writes ? ['kms:Encrypt', 'kms:GenerateDataKey'] : [])], 'dynamodb');
};

/** Uses items of a table by these actions, and a query its indexes too. */
export const useItems = ({ table, key }: EncryptedTable, ...actions: ItemAction[]): PolicyStatement[] => {
  const onItems = actions.filter((action) => action !== 'Query').map((action) => `dynamodb:${action}`);
  return [
    ...(onItems.length === 0 ? [] : [allow(onItems, [table.tableArn])]),
    ...(actions.includes('Query') ? [allow(['dynamodb:Query'], [table.tableArn, `${table.tableArn}/index/*`])] : []),
    useOfKey(key, actions),
  ];
};

/** Uses the items of a table without indexes whose partition keys begin so (or so), and no others. */
export const useItemsUnder = (
  { table, key }: EncryptedTable,
  keyPrefixes: string | readonly string[],
  ...actions: ItemAction[]
): PolicyStatement[] => [
  allow(
    actions.map((action) => `dynamodb:${action}`),
    [table.tableArn],
    { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [keyPrefixes].flat().map((prefix) => `${prefix}*`) } },
  ),
  useOfKey(key, actions),
];

export const publishEvents = (bus: EventBus): PolicyStatement[] => [allow(['events:PutEvents'], [bus.eventBusArn])];

export const sendTo = (queue: IQueue): PolicyStatement[] => [allow(['sqs:SendMessage'], [queue.queueArn])];

/** AWS X-Ray has no resources to name. */
export const writeTraces = (): PolicyStatement[] => [
  allow(['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], ['*']),
];
