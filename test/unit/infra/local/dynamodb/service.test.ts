import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  ConditionalCheckFailedException,
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ExecuteStatementCommand,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  ResourceNotFoundException,
  ScanCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NO_FAULTS, type ResourceProvider } from '../../../../../infra/local/contracts.ts';
import { createDynamoDbService, type DynamoDbService } from '../../../../../infra/local/dynamodb/service.ts';
import { type StartedService, startLocalService, TEST_START_MS } from '../../../../helpers/local-service.ts';

const HOUR_MS = 3_600_000;
let folder: string;
let local: StartedService;
let client: DynamoDBClient;

const start = async (): Promise<void> => {
  local = await startLocalService(createDynamoDbService, { folder });
  client = new DynamoDBClient(local.clientConfig);
};
const stop = async (): Promise<void> => {
  client.destroy();
  await local.stop();
};
const createTable = (more: object = {}) =>
  client.send(
    new CreateTableCommand({
      TableName: 'runs',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      ...more,
    }),
  );
/** A call of the streams' API, whose client is none of our packages: that of another operation, re-addressed. */
const callStreams = async (operation: string, input: object) => {
  const command = new ListTablesCommand({});
  let answer = '';
  command.middlewareStack.add(
    (next) => (args) => {
      const request = args.request as { headers: Record<string, string>; body: string };
      request.headers['x-amz-target'] = `DynamoDBStreams_20120810.${operation}`;
      request.body = JSON.stringify(input);
      return next(args);
    },
    { step: 'build', priority: 'high' },
  );
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const response = result.response as { body: AsyncIterable<Uint8Array> };
      const chunks: Uint8Array[] = [];
      for await (const chunk of response.body) chunks.push(chunk);
      answer = Buffer.concat(chunks).toString('utf8');
      response.body = Readable.from([answer]);
      return result;
    },
    { step: 'deserialize', priority: 'low' },
  );
  await client.send(command);
  return JSON.parse(answer);
};
const put = (id: string, more: object = {}) =>
  client.send(new PutItemCommand({ TableName: 'runs', Item: { id: { S: id }, ...more } }));

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-dynamodb-'));
  await start();
});

afterEach(async () => {
  await stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('the DynamoDB service', () => {
  it('answers an SDK client, binary values and errors included', async () => {
    await createTable();
    const bytes = new Uint8Array([0, 255, 7]);
    await put('a', { data: { B: bytes } });

    const { Item } = await client.send(new GetItemCommand({ TableName: 'runs', Key: { id: { S: 'a' } } }));
    const again = client.send(
      new PutItemCommand({
        TableName: 'runs',
        Item: { id: { S: 'a' } },
        ConditionExpression: 'attribute_not_exists(id)',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    );

    expect(Item?.data?.B).toEqual(bytes);
    await expect(again).rejects.toBeInstanceOf(ConditionalCheckFailedException);
    await expect(again).rejects.toMatchObject({ Item: { id: { S: 'a' } }, $metadata: { httpStatusCode: 400 } });
    await expect(client.send(new DescribeTableCommand({ TableName: 'none' }))).rejects.toBeInstanceOf(
      ResourceNotFoundException,
    );
  });

  it('gives a cancelled transaction its reasons', async () => {
    await createTable();
    const check = { TableName: 'runs', Key: { id: { S: 'a' } }, ConditionExpression: 'attribute_exists(id)' };

    const failure = client.send(new TransactWriteItemsCommand({ TransactItems: [{ ConditionCheck: check }] }));

    await expect(failure).rejects.toBeInstanceOf(TransactionCanceledException);
    await expect(failure).rejects.toMatchObject({ CancellationReasons: [{ Code: 'ConditionalCheckFailed' }] });
  });

  it('serves the API of streams beside that of tables', async () => {
    await createTable({ StreamSpecification: { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' } });
    await put('a');

    const { Streams } = await callStreams('ListStreams', { TableName: 'runs' });
    const described = await callStreams('DescribeStream', { StreamArn: Streams[0].StreamArn });
    const { ShardIterator } = await callStreams('GetShardIterator', {
      StreamArn: Streams[0].StreamArn,
      ShardId: described.StreamDescription.Shards[0].ShardId,
      ShardIteratorType: 'TRIM_HORIZON',
    });
    const { Records } = await callStreams('GetRecords', { ShardIterator });

    expect(Records).toMatchObject([{ eventName: 'INSERT', dynamodb: { Keys: { id: { S: 'a' } } } }]);
    await expect(callStreams('MergeShards', {})).rejects.toThrow(
      'DynamoDBStreams_20120810.MergeShards is not supported',
    );
  });

  it('keeps what a stream told over a restart', async () => {
    await createTable({ StreamSpecification: { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' } });
    await put('a');
    const { Table } = await client.send(new DescribeTableCommand({ TableName: 'runs' }));

    await stop();
    await start();
    await put('b');

    const service = local.services[0] as DynamoDbService;
    const stream = service.openTableStream(Table?.LatestStreamArn ?? '');
    expect(stream?.read(undefined, 10).map(({ record }) => record.dynamodb.Keys)).toEqual([
      { id: { S: 'a' } },
      { id: { S: 'b' } },
    ]);
  });

  it('reads as old as the faults of a run have it, by a client’s choice', async () => {
    await stop();
    const staleMs = () => 1_000;
    local = await startLocalService((context) => createDynamoDbService(context), {
      folder,
      faults: { ...NO_FAULTS, staleMs },
    });
    client = new DynamoDBClient(local.clientConfig);
    await createTable();
    await put('a');
    const read = async (ConsistentRead: boolean) =>
      (await client.send(new GetItemCommand({ TableName: 'runs', Key: { id: { S: 'a' } }, ConsistentRead }))).Item;

    expect([await read(false), await read(true)]).toEqual([undefined, { id: { S: 'a' } }]);
    await local.clock.advanceBy(1_000);
    expect(await read(false)).toEqual({ id: { S: 'a' } });
  });

  it('refuses an operation that it does not have by name', async () => {
    await expect(client.send(new ExecuteStatementCommand({ Statement: 'SELECT 1' }))).rejects.toThrow(
      'DynamoDB_20120810.ExecuteStatement is not supported by the embedded cloud',
    );
  });

  it('lets one of many racing conditional writers win', async () => {
    await createTable();
    const attempts = Array.from({ length: 20 }, (_, index) =>
      client.send(
        new PutItemCommand({
          TableName: 'runs',
          Item: { id: { S: 'version#1' }, by: { N: String(index) } },
          ConditionExpression: 'attribute_not_exists(id)',
        }),
      ),
    );

    const outcomes = await Promise.allSettled(attempts);

    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('keeps tables and items over a restart', async () => {
    await createTable();
    await put('a', { n: { N: '12345678901234567890.123456789' } });

    await stop();
    await start();

    const { Item } = await client.send(new GetItemCommand({ TableName: 'runs', Key: { id: { S: 'a' } } }));
    expect(Item).toEqual({ id: { S: 'a' }, n: { N: '12345678901234567890.123456789' } });
  });

  it('deletes expired items by the clock, also those written before TTL was on and before a restart', async () => {
    await createTable();
    const inOneHour = { expires: { N: String((TEST_START_MS + HOUR_MS) / 1000) } };
    await put('early', inOneHour);
    await client.send(
      new UpdateTimeToLiveCommand({
        TableName: 'runs',
        TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
      }),
    );
    await put('later', inOneHour);
    await put('never', { expires: { S: 'no number' } });
    const ids = async () => {
      const { Items = [] } = await client.send(new ScanCommand({ TableName: 'runs' }));
      return Items.map(({ id }) => id?.S).toSorted();
    };

    await local.clock.advanceBy(HOUR_MS - 1);
    expect(await ids()).toEqual(['early', 'later', 'never']);

    await stop();
    await start();
    await local.clock.advanceBy(2 * HOUR_MS);
    expect(await ids()).toEqual(['never']);
  });

  it('deletes at its time what expires before everything that was written earlier', async () => {
    await createTable();
    await client.send(
      new UpdateTimeToLiveCommand({
        TableName: 'runs',
        TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
      }),
    );
    const inHours = (hours: number) => ({ expires: { N: String((TEST_START_MS + hours * HOUR_MS) / 1000) } });
    await put('late', inHours(10));
    await put('soon', inHours(1));

    await local.clock.advanceBy(2 * HOUR_MS);

    const { Items = [] } = await client.send(new ScanCommand({ TableName: 'runs' }));
    expect(Items.map(({ id }) => id?.S)).toEqual(['late']);
  });
});

describe('AWS::DynamoDB::Table', () => {
  const context = (properties: object) => ({
    stackName: 'data',
    logicalId: 'Registry',
    generatedName: 'data-Registry-1ABC',
    properties: {
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
      ...properties,
    },
  });
  const provider = (): ResourceProvider => {
    const found = local.services[0]?.resources['AWS::DynamoDB::Table'];
    if (!found) throw new Error('no provider');
    return found;
  };

  it('creates a table with its settings, once', async () => {
    const asked = context({
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: 'arn:aws:kms:us-east-1:0:key/k' },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
      DeletionProtectionEnabled: 'true',
    });

    const created = await provider().create(asked);
    const repeated = await provider().create(asked);

    expect(created).toEqual({
      physicalId: 'data-Registry-1ABC',
      attributes: { Arn: 'arn:aws:dynamodb:us-east-1:000000000000:table/data-Registry-1ABC' },
    });
    expect(repeated).toEqual(created);
    const { Table } = await client.send(new DescribeTableCommand({ TableName: created.physicalId }));
    expect(Table).toMatchObject({
      TableStatus: 'ACTIVE',
      DeletionProtectionEnabled: true,
      SSEDescription: { KMSMasterKeyArn: 'arn:aws:kms:us-east-1:0:key/k' },
    });
  });

  it('adds and drops indexes on update, and refuses what would replace the table', async () => {
    const { physicalId } = await provider().create(context({}));
    const indexed = {
      AttributeDefinitions: ['pk', 'g'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      GlobalSecondaryIndexes: [
        {
          IndexName: 'byG',
          KeySchema: [{ AttributeName: 'g', KeyType: 'HASH' }],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
    };
    await client.send(
      new PutItemCommand({ TableName: physicalId, Item: { pk: { S: 'a' }, g: { S: 'G' }, rest: { S: 'r' } } }),
    );
    const update = (from: object, to: object) =>
      provider().update({ ...context(to), physicalId, previousProperties: context(from).properties });

    await update({}, indexed);
    const { Items } = await client.send(new ScanCommand({ TableName: physicalId, IndexName: 'byG' }));
    expect(Items).toEqual([{ pk: { S: 'a' }, g: { S: 'G' } }]);

    await update(indexed, {});
    await expect(client.send(new ScanCommand({ TableName: physicalId, IndexName: 'byG' }))).rejects.toThrow('byG');
    await expect(update({}, { TableName: 'other' })).rejects.toThrow('property TableName cannot change');
  });

  it('refuses properties that it does not know by name', async () => {
    await expect(provider().create(context({ KinesisStreamSpecification: {} }))).rejects.toThrow(
      'AWS::DynamoDB::Table property KinesisStreamSpecification is not supported',
    );
  });
});
