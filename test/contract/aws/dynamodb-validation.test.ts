import { randomUUID } from 'node:crypto';
import {
  type AttributeValue,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DynamoDBClient,
  ExecuteStatementCommand,
  ExportTableToPointInTimeCommand,
  GetItemCommand,
  type GetItemCommandInput,
  PutItemCommand,
  type PutItemCommandInput,
  QueryCommand,
  type QueryCommandInput,
  ScanCommand,
  type ScanCommandInput,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDynamoDbService } from '../../../infra/local/dynamodb/service.ts';
import { createContractTable } from '../../helpers/contract-table.ts';
import { type ContractTarget, ON_AWS, openContractTarget } from '../../helpers/contract-target.ts';

/** How DynamoDB refuses: code, status and words, asked of the embedded one and, with `TEST_TARGET=aws`, of the real one. */

let target: ContractTarget;
let client: DynamoDBClient;
let TableName: string;

beforeAll(async () => {
  target = await openContractTarget([(context) => createDynamoDbService(context)]);
  client = new DynamoDBClient(target.clientConfig);
  TableName = await createContractTable(target, client, 'refusals');
});

afterAll(async () => {
  await target?.stop();
  client?.destroy();
});

const key = { pk: { S: 'p' }, sk: { N: '0' } };
const put = (Item: Record<string, unknown>, more: Partial<PutItemCommandInput> = {}) =>
  client.send(new PutItemCommand({ TableName, Item: Item as Record<string, AttributeValue>, ...more }));
const attribute = (value: unknown) => put({ ...key, a: value });
const get = (more: Partial<GetItemCommandInput>) => client.send(new GetItemCommand({ TableName, Key: key, ...more }));
const update = (more: Partial<UpdateItemCommandInput>) =>
  client.send(new UpdateItemCommand({ TableName, Key: { ...key, pk: { S: 'updated' } }, ...more }));
const set = (UpdateExpression: string, values?: Record<string, AttributeValue>) =>
  update({ UpdateExpression, ...(values ? { ExpressionAttributeValues: values } : {}) });
const query = (more: Partial<QueryCommandInput>) => client.send(new QueryCommand({ TableName, ...more }));
const scan = (more: Partial<ScanCommandInput>) => client.send(new ScanCommand({ TableName, ...more }));
const condition = (ConditionExpression: string, values?: Record<string, AttributeValue>) =>
  put(key, { ConditionExpression, ...(values ? { ExpressionAttributeValues: values } : {}) });

const one = { ':v': { N: '1' } };
const nested = (depth: number): AttributeValue => (depth === 0 ? { S: 'bottom' } : { M: { m: nested(depth - 1) } });

const INVALID = 'One or more parameter values were invalid: ';

const expectRefusal = async (call: () => Promise<unknown>, message: string): Promise<void> => {
  await expect(call()).rejects.toMatchObject({
    name: 'ValidationException',
    message: expect.stringContaining(message),
    $metadata: { httpStatusCode: 400 },
  });
};

describe('an item is refused', () => {
  it.each([
    ['without its sort key', () => put({ pk: key.pk }), `${INVALID}Missing the key sk in the item`],
    [
      'with a key of another type',
      () => put({ ...key, pk: { N: '1' } }),
      `${INVALID}Type mismatch for key pk expected: S actual: N`,
    ],
    [
      'with an empty key',
      () => put({ ...key, pk: { S: '' } }),
      'One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: pk',
    ],
    [
      'with a key of 2,049 bytes',
      () => put({ ...key, pk: { S: 'x'.repeat(2_049) } }),
      `${INVALID}Size of hashkey has exceeded the maximum size limit of 2048 bytes`,
    ],
    [
      'with an index key of another type',
      () => put({ ...key, g: { N: '1' } }),
      `${INVALID}Type mismatch for Index Key g Expected: S Actual: N IndexName: by-group`,
    ],
    [
      'above 400 KB',
      () => attribute({ S: 'x'.repeat(400 * 1_024) }),
      'Item size has exceeded the maximum allowed size',
    ],
    ['nested 33 deep', () => attribute(nested(33)), 'Nesting Levels have exceeded supported limits'],
    ['with an empty set', () => attribute({ SS: [] }), `${INVALID}An string set  may not be empty`],
    [
      'with a set that repeats itself',
      () => attribute({ SS: ['a', 'a'] }),
      `${INVALID}Input collection [a, a] contains duplicates.`,
    ],
    ['with a false NULL', () => attribute({ NULL: false }), 'Null attribute value types must have the value of true'],
    [
      'with text for a number',
      () => attribute({ N: 'one' }),
      'The parameter cannot be converted to a numeric value: one',
    ],
    [
      'with 39 digits',
      () => attribute({ N: '1'.repeat(39) }),
      'Attempting to store more than 38 significant digits in a Number',
    ],
    [
      'with a number too large',
      () => attribute({ N: '1e126' }),
      'Number overflow. Attempting to store a number with magnitude larger than supported range',
    ],
    [
      'with a number too small',
      () => attribute({ N: '1e-131' }),
      'Number underflow. Attempting to store a number with magnitude smaller than supported range',
    ],
  ] as const)('%s', (_what, call, message) => expectRefusal(call, message));

  it('that holds 400 KB, names included, is taken', async () => {
    const pk = randomUUID();
    // pk and its value, sk and the one byte of zero, the name `a`.
    const rest = 2 + pk.length + 2 + 1 + 1;

    await put({ ...key, pk: { S: pk }, a: { S: 'x'.repeat(400 * 1_024 - rest) } });
  });
});

describe('placeholders are refused', () => {
  it.each([
    [
      'of a value that is not defined',
      () => condition('a = :v'),
      'Invalid ConditionExpression: An expression attribute value used in expression is not defined; attribute value: :v',
    ],
    [
      'of a name that is not defined',
      () => set('SET #n = :v', one),
      'Invalid UpdateExpression: An expression attribute name used in the document path is not defined; attribute name: #n',
    ],
    [
      'that no expression uses',
      () => set('SET a = :v', { ...one, ':w': { N: '2' } }),
      'Value provided in ExpressionAttributeValues unused in expressions: keys: {:w}',
    ],
    [
      'without an expression',
      () => put(key, { ExpressionAttributeValues: one }),
      'ExpressionAttributeValues can only be specified when using expressions',
    ],
    [
      'without their sign',
      () => set('SET a = :v', { v: { N: '1' } }),
      'ExpressionAttributeValues contains invalid key: Syntax error; key: "v"',
    ],
    ['when there are none', () => set('SET a = :v', {}), 'ExpressionAttributeValues must not be empty'],
    [
      'of a value that is none',
      () => set('SET a = :v', { ':v': { N: 'x' } }),
      'ExpressionAttributeValues contains invalid value: The parameter cannot be converted to a numeric value: x for key :v',
    ],
  ] as const)('%s', (_what, call, message) => expectRefusal(call, message));
});

describe('an expression is refused', () => {
  it.each([
    [
      'with a reserved word, in any case',
      () => set('SET Status = :v', one),
      'Invalid UpdateExpression: Attribute name is a reserved keyword; reserved keyword: Status',
    ],
    ['that is empty', () => set('', one), 'Invalid UpdateExpression: The expression can not be empty;'],
    ['that ends too early', () => set('SET a =', undefined), 'Invalid UpdateExpression: Syntax error; token: "<EOF>"'],
    [
      'that says SET twice',
      () => set('SET a = :v SET b = :v', one),
      'Invalid UpdateExpression: The "SET" section can only be used once in an update expression;',
    ],
    [
      'that touches one place twice',
      () => set('SET a.b = :v, a = :v', one),
      'Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a, b], path two: [a]',
    ],
    [
      'that takes a place for a list and a map',
      () => set('SET a.b = :v, a[0] = :v', one),
      'Invalid UpdateExpression: Two document paths conflict with each other; must remove or rewrite one of these paths; path one: [a, b], path two: [a, [0]]',
    ],
    [
      'that changes a key',
      () => set('SET pk = :v', one),
      `${INVALID}Cannot update attribute pk. This attribute is part of the key`,
    ],
    [
      'that adds text',
      () => set('ADD a :v', { ':v': { S: 'x' } }),
      'Invalid UpdateExpression: Incorrect operand type for operator or function; operator or function: ADD, operand type: STRING',
    ],
    [
      'that appends no list',
      () => set('SET a = list_append(a, :v)', one),
      'Invalid UpdateExpression: Incorrect operand type for operator or function; operator or function: list_append, operand type: N',
    ],
    [
      'that sets by what is not there',
      () => set('SET a = b', undefined),
      'The provided expression refers to an attribute that does not exist in the item',
    ],
    [
      'that leads nowhere',
      () => set('SET a.b = :v', one),
      'The document path provided in the update expression is invalid for update',
    ],
    [
      'with an unknown function',
      () => condition('begins(a, :v)', one),
      'Invalid ConditionExpression: Invalid function name; function: begins',
    ],
    [
      'with too few operands',
      () => condition('contains(a)'),
      'Invalid ConditionExpression: Incorrect number of operands for operator or function; operator or function: contains, number of operands: 1',
    ],
    [
      'that compares a thing with itself',
      () => condition('a = a'),
      'Invalid ConditionExpression: The first operand must be distinct from the remaining operands for this operator or function; operator: =, first operand: [a]',
    ],
    [
      'with needless parentheses',
      () => condition('((a = :v))', one),
      'Invalid ConditionExpression: The expression has redundant parentheses;',
    ],
    [
      'with bounds in the wrong order',
      () => condition('a BETWEEN :v AND :w', { ':v': { N: '2' }, ':w': { N: '1' } }),
      'The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: {N:2}, upper bound operand: AttributeValue: {N:1}',
    ],
    [
      'with an unknown type',
      () => condition('attribute_type(a, :v)', { ':v': { S: 'X' } }),
      'Invalid ConditionExpression: Invalid attribute type name found; type: X',
    ],
  ] as const)('%s', (_what, call, message) => expectRefusal(call, message));
});

describe('a read is refused', () => {
  it.each([
    ['by half a key', () => get({ Key: { pk: key.pk } }), 'The provided key element does not match the schema'],
    [
      'with a projection that repeats itself',
      () => get({ ProjectionExpression: 'a, a.b' }),
      'Invalid ProjectionExpression: Two document paths overlap with each other',
    ],
    [
      'without a condition on its keys',
      () => query({}),
      'Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.',
    ],
    [
      'without its partition key',
      () => query({ KeyConditionExpression: 'sk = :v', ExpressionAttributeValues: one }),
      'Query condition missed key schema element: pk',
    ],
    [
      'by a range of partitions',
      () => query({ KeyConditionExpression: 'pk > :v', ExpressionAttributeValues: { ':v': { S: 'p' } } }),
      'Query key condition not supported',
    ],
    [
      'by a key of another type',
      () => query({ KeyConditionExpression: 'pk = :v', ExpressionAttributeValues: one }),
      `${INVALID}Condition parameter type does not match schema type`,
    ],
    [
      'that filters by its key',
      () =>
        query({
          KeyConditionExpression: 'pk = :p',
          FilterExpression: 'sk > :v',
          ExpressionAttributeValues: { ...one, ':p': { S: 'p' } },
        }),
      'Filter Expression can only contain non-primary key attributes: Primary key attribute: sk',
    ],
    [
      'by an index that is not there',
      () => scan({ IndexName: 'none' }),
      'The table does not have the specified index: none',
    ],
    [
      'that wants an index to be up to date',
      () => scan({ IndexName: 'by-group', ConsistentRead: true }),
      'Consistent reads are not supported on global secondary indexes',
    ],
    [
      'that wants what an index does not keep',
      () => scan({ IndexName: 'by-group', Select: 'ALL_ATTRIBUTES' }),
      'Select type ALL_ATTRIBUTES is not supported for global secondary index by-group because its projection type is not ALL',
    ],
    [
      'of a segment without their number',
      () => scan({ Segment: 0 }),
      'The TotalSegments parameter is required but was not present in the request when Segment parameter is present',
    ],
    [
      'of a segment that is not there',
      () => scan({ Segment: 4, TotalSegments: 4 }),
      'The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: 4 is not less than TotalSegments: 4',
    ],
    [
      'from a key that is none',
      () => scan({ ExclusiveStartKey: { pk: { S: 'p' } } }),
      'The provided starting key is invalid',
    ],
  ] as const)('%s', (_what, call, message) => expectRefusal(call, message));
});

describe('many at once are refused', () => {
  const puts = (count: number) =>
    Array.from({ length: count }, (_, n) => ({ PutRequest: { Item: { ...key, sk: { N: String(n) } } } }));
  const keys = (count: number) => Array.from({ length: count }, (_, n) => ({ ...key, sk: { N: String(n) } }));
  const transact = (TransactItems: object[]) =>
    client.send(new TransactWriteItemsCommand({ TransactItems: TransactItems as never }));
  const transactedPut = (n: number, more: object = {}) => ({
    // Apart, for no partition key takes so much in a second.
    Put: { TableName, Item: { ...key, pk: { S: `transacted-${n}` }, ...more } },
  });

  it.each([
    [
      'when 26 are written',
      () => client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: puts(26) } })),
      'less than or equal to 25',
    ],
    [
      'when 101 are read',
      () => client.send(new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: keys(101) } } })),
      'less than or equal to 100',
    ],
    [
      'when one is read twice',
      () => client.send(new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: [key, key] } } })),
      'Provided list of item keys contains duplicates',
    ],
    [
      'when one is written twice in a transaction',
      () => transact([transactedPut(1), transactedPut(1)]),
      'Transaction request cannot include multiple operations on one item',
    ],
    [
      'when a transaction writes more than 4 MB',
      () => transact(Array.from({ length: 11 }, (_, n) => transactedPut(n, { a: { S: 'x'.repeat(390_000) } }))),
      '',
    ],
  ] as const)('%s', (_what, call, message) => expectRefusal(call, message));
});

describe.skipIf(ON_AWS)('what the embedded cloud does not have', () => {
  const expectNamed = (call: Promise<unknown>, what: string) =>
    expect(call).rejects.toMatchObject({ message: `${what} is not supported by the embedded cloud` });

  it('is refused by name', async () => {
    await expectNamed(put(key, { Expected: { pk: { Exists: false } } }), 'PutItem parameter Expected');
    await expectNamed(get({ AttributesToGet: ['a'] }), 'GetItem parameter AttributesToGet');
    await expectNamed(update({ AttributeUpdates: {} }), 'UpdateItem parameter AttributeUpdates');
    await expectNamed(query({ KeyConditions: {} }), 'Query parameter KeyConditions');
    await expectNamed(scan({ ScanFilter: {} }), 'Scan parameter ScanFilter');
    await expectNamed(
      client.send(new ExecuteStatementCommand({ Statement: `SELECT * FROM "${TableName}"` })),
      'operation DynamoDB_20120810.ExecuteStatement',
    );
    await expectNamed(
      client.send(
        new ExportTableToPointInTimeCommand({ TableArn: `arn:aws:dynamodb:::table/${TableName}`, S3Bucket: 'b' }),
      ),
      'operation DynamoDB_20120810.ExportTableToPointInTime',
    );
  });
});
