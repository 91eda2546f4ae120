import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { AwsError, type LocalService, type ServiceContext, type WireRequest, type WireResponse } from '../contracts.ts';
import { requireAll } from '../iam/guard.ts';
import { describeJsonOperations } from '../protocols/json.ts';
import { dynamoDbAccess } from './access.ts';
import { createEngine, type Engine } from './engine.ts';
import { serializationError } from './errors.ts';
import { type Input, isInput } from './input.ts';
import { batchGetItem } from './operations/batch-get-item.ts';
import { batchWriteItem } from './operations/batch-write-item.ts';
import { describeContinuousBackups, updateContinuousBackups } from './operations/continuous-backups.ts';
import { createTable } from './operations/create-table.ts';
import { deleteItem } from './operations/delete-item.ts';
import { deleteTable } from './operations/delete-table.ts';
import { describeTable } from './operations/describe-table.ts';
import { getItem } from './operations/get-item.ts';
import { listTables } from './operations/list-tables.ts';
import { putItem } from './operations/put-item.ts';
import { query } from './operations/query.ts';
import { restoreTableToPointInTime } from './operations/restore-table-to-point-in-time.ts';
import { scan } from './operations/scan.ts';
import { listTagsOfResource, tagResource, untagResource } from './operations/tags.ts';
import { describeTimeToLive, updateTimeToLive } from './operations/time-to-live.ts';
import { transactGetItems } from './operations/transact-get-items.ts';
import { transactWriteItems } from './operations/transact-write-items.ts';
import { updateItem } from './operations/update-item.ts';
import { updateTable } from './operations/update-table.ts';
import { createTableProvider } from './resources.ts';
import { openStorage } from './storage.ts';
import { createOpenTableStream } from './streams/open-table-stream.ts';
import { describeStream } from './streams/operations/describe-stream.ts';
import { getRecords } from './streams/operations/get-records.ts';
import { getShardIterator } from './streams/operations/get-shard-iterator.ts';
import { listStreams } from './streams/operations/list-streams.ts';
import type { OpenTableStream } from './streams/table-stream.ts';
import { createExpirySweeper } from './ttl.ts';

type Operation = (engine: Engine, input: Input) => unknown;

const OPERATIONS: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ['BatchGetItem', batchGetItem],
  ['BatchWriteItem', batchWriteItem],
  ['CreateTable', createTable],
  ['DeleteItem', deleteItem],
  ['DeleteTable', deleteTable],
  ['DescribeContinuousBackups', describeContinuousBackups],
  ['DescribeTable', describeTable],
  ['DescribeTimeToLive', describeTimeToLive],
  ['GetItem', getItem],
  ['ListTables', listTables],
  ['ListTagsOfResource', listTagsOfResource],
  ['PutItem', putItem],
  ['Query', query],
  ['RestoreTableToPointInTime', restoreTableToPointInTime],
  ['Scan', scan],
  ['TagResource', tagResource],
  ['TransactGetItems', transactGetItems],
  ['TransactWriteItems', transactWriteItems],
  ['UntagResource', untagResource],
  ['UpdateContinuousBackups', updateContinuousBackups],
  ['UpdateItem', updateItem],
  ['UpdateTable', updateTable],
  ['UpdateTimeToLive', updateTimeToLive],
]);

const STREAM_OPERATIONS: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ['DescribeStream', describeStream],
  ['GetRecords', getRecords],
  ['GetShardIterator', getShardIterator],
  ['ListStreams', listStreams],
]);

/** Two APIs under one name in signatures, told apart by their target's prefix. */
const TARGETS: ReadonlyMap<string, ReadonlyMap<string, Operation>> = new Map([
  ['DynamoDB_20120810', OPERATIONS],
  ['DynamoDBStreams_20120810', STREAM_OPERATIONS],
]);
const MAX_BODY_BYTES = 16 * 1024 * 1024;
const NAMESPACES: Readonly<Record<string, string>> = {
  ValidationException: 'com.amazon.coral.validate',
  SerializationException: 'com.amazon.coral.service',
  UnknownOperationException: 'com.amazon.coral.service',
};

/** SDKs check the body against its checksum, and so does this: the header is part of the protocol. */
const respond = (request: WireRequest, status: number, output: unknown): WireResponse => {
  // Operations without an output answer no body at all.
  const body = output === undefined ? '' : JSON.stringify(output);
  return {
    status,
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amzn-requestid': request.requestId,
      'x-amz-crc32': String(crc32(body)),
      server: 'Server',
    },
    body,
  };
};

const renderError = (request: WireRequest, error: AwsError): WireResponse => {
  const namespace = NAMESPACES[error.code] ?? 'com.amazonaws.dynamodb.v20120810';
  // A cancelled transaction spells its message with a capital.
  const message = 'Message' in error.extra ? {} : { message: error.message };
  return respond(request, error.status, { __type: `${namespace}#${error.code}`, ...message, ...error.extra });
};

const decode = (body: string): Input => {
  let value: unknown;
  try {
    value = JSON.parse(body === '' ? '{}' : body);
  } catch {
    throw serializationError('the request body is not valid JSON');
  }
  if (!isInput(value)) throw serializationError('the request body must be a JSON object');
  return value;
};

const operationName = ({ headers }: WireRequest): string => headers['x-amz-target']?.split('.')[1] ?? '';

const operationOf = (request: WireRequest): Operation => {
  const target = request.headers['x-amz-target'] ?? '';
  const [api = '', name = ''] = target.split('.');
  const operation = TARGETS.get(api)?.get(name);
  if (operation !== undefined) return operation;
  throw new AwsError(
    'UnknownOperationException',
    `operation ${target || '(none)'} is not supported by the embedded cloud`,
  );
};

export interface DynamoDbService extends LocalService {
  /** The stream of a table, for Lambda's event source mappings. */
  readonly openTableStream: OpenTableStream;
}

export interface DynamoDbOptions {
  /** Keeps nothing on disk. @default false */
  readonly inMemory?: boolean;
}

/** DynamoDB and its streams on SQLite, under `<folder>/dynamodb`. */
export const createDynamoDbService = (
  context: ServiceContext,
  { inMemory = false }: DynamoDbOptions = {},
): DynamoDbService => {
  const { region, accountId, partition, clock, ids, faults } = context;
  const storage = openStorage(inMemory ? ':memory:' : join(context.store.folder, 'dynamodb', 'tables.sqlite'));
  const identity = { region, accountId, partition };
  const engine = createEngine({ storage, identity, nowMs: () => clock.nowMs(), ids, faults });
  const sweeper = createExpirySweeper(engine, clock);
  const guard = { access: context.access, service: 'dynamodb' };
  const rules = dynamoDbAccess(engine);
  const operations = describeJsonOperations(
    Object.fromEntries(
      [...OPERATIONS, ...STREAM_OPERATIONS].map(([name, operation]) => [
        name,
        (input: Input) => operation(engine, input),
      ]),
    ),
  );
  const service: LocalService = {
    signingName: 'dynamodb',
    resources: { 'AWS::DynamoDB::Table': createTableProvider(engine, sweeper) },
    handle: async (request) => {
      try {
        const operation = operationOf(request);
        const input = decode((await request.readBody(MAX_BODY_BYTES)).toString('utf8'));
        requireAll(
          guard,
          request.caller,
          rules[operationName(request)]?.(input) ?? [{ action: 'dynamodb:*', resource: '*' }],
        );
        const output = operation(engine, input);
        sweeper.arm();
        return respond(request, 200, output);
      } catch (error) {
        if (error instanceof AwsError) return renderError(request, error);
        throw error;
      }
    },
    start: async () => sweeper.arm(),
    stop: async () => {
      sweeper.stop();
      storage.close();
    },
  };
  return {
    ...service,
    handle: Object.assign(service.handle, { operations }),
    openTableStream: createOpenTableStream(engine),
  };
};
