import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetQueueAttributesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { build } from 'esbuild';
import { expect, onTestFinished, test } from 'vitest';
import { type Cloud, startCloud } from '../../infra/local/cloud.ts';
import { type DeliveryFault, NO_FAULTS } from '../../infra/local/contracts.ts';
import { LOCAL_USER_KEY } from '../../infra/local/iam/credentials.ts';

/**
 * Event source mappings of a template, under the role that the template gives the function, in a run by a seed.
 * The function writes what it got to a table, and fails once for every message that says so.
 */

const SOURCE = `
const { DynamoDBClient, PutItemCommand } = require('@aws-sdk/client-dynamodb');
const client = new DynamoDBClient({});
exports.handler = async ({ Records }) => {
  const batchItemFailures = [];
  for (const record of Records) {
    const id = record.body ?? record.dynamodb.Keys.id.S + ' again';
    if (id.startsWith('flaky') && Number(record.attributes?.ApproximateReceiveCount ?? 2) < 2) {
      batchItemFailures.push({ itemIdentifier: record.messageId });
      continue;
    }
    if (id.endsWith(' again again')) continue;
    await client.send(new PutItemCommand({ TableName: 'seen', Item: { id: { S: id } } }));
  }
  return { batchItemFailures };
};`;

const arn = (logicalId: string, attribute = 'Arn') => ({ 'Fn::GetAtt': [logicalId, attribute] });

const RESOURCES = {
  Dead: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'dead' } },
  Work: {
    Type: 'AWS::SQS::Queue',
    Properties: { QueueName: 'work', RedrivePolicy: { deadLetterTargetArn: arn('Dead'), maxReceiveCount: 3 } },
  },
  Seen: {
    Type: 'AWS::DynamoDB::Table',
    Properties: {
      TableName: 'seen',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      StreamSpecification: { StreamViewType: 'KEYS_ONLY' },
    },
  },
  Role: {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
      },
      Policies: [
        {
          PolicyName: 'consume',
          PolicyDocument: {
            Version: '2012-10-17',
            Statement: [
              {
                Effect: 'Allow',
                Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
                Resource: arn('Work'),
              },
              { Effect: 'Allow', Action: 'dynamodb:PutItem', Resource: arn('Seen') },
              {
                Effect: 'Allow',
                Action: ['dynamodb:DescribeStream', 'dynamodb:GetShardIterator', 'dynamodb:GetRecords'],
                Resource: arn('Seen', 'StreamArn'),
              },
            ],
          },
        },
      ],
    },
  },
  Function: {
    Type: 'AWS::Lambda::Function',
    Properties: {
      FunctionName: 'consume',
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Role: arn('Role'),
      Code: { S3Bucket: 'assets', S3Key: 'aa11.zip' },
      Timeout: 10,
    },
  },
  QueueMapping: {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: {
      FunctionName: { Ref: 'Function' },
      EventSourceArn: arn('Work'),
      BatchSize: 5,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    },
  },
  StreamMapping: {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: {
      FunctionName: { Ref: 'Function' },
      EventSourceArn: arn('Seen', 'StreamArn'),
      StartingPosition: 'TRIM_HORIZON',
      BatchSize: 3,
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 5,
    },
  },
};

/** One file with its SDK, as the product's functions are: what it sends then goes through the run's transport. */
const bundle = async (outfile: string): Promise<void> => {
  const stdin = { contents: SOURCE, resolveDir: import.meta.dirname };
  await build({ stdin, outfile, bundle: true, platform: 'node', format: 'cjs', logLevel: 'error' });
};

const writeAssembly = async (folder: string, resources: object): Promise<void> => {
  mkdirSync(join(folder, 'asset'), { recursive: true });
  await bundle(join(folder, 'asset', 'index.js'));
  writeFileSync(join(folder, 'stack.template.json'), JSON.stringify({ Resources: resources }));
  writeFileSync(
    join(folder, 'stack.assets.json'),
    JSON.stringify({ files: { aa11: { source: { path: 'asset' }, destinations: { a: { objectKey: 'aa11.zip' } } } } }),
  );
  writeFileSync(
    join(folder, 'manifest.json'),
    JSON.stringify({
      artifacts: {
        stack: { type: 'aws:cloudformation:stack', properties: { templateFile: 'stack.template.json' } },
        assets: { type: 'cdk:asset-manifest', properties: { file: 'stack.assets.json' } },
      },
    }),
  );
};

const start = async (
  seed: number,
  { resources = RESOURCES, delivery }: { resources?: object; delivery?: () => DeliveryFault | undefined } = {},
): Promise<{ readonly cloud: Cloud; readonly lines: readonly string[]; readonly config: object }> => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-sources-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  await writeAssembly(folder, resources);
  const lines: string[] = [];
  const cloud = await startCloud({
    assemblyFolder: folder,
    stateFolder: join(folder, 'state'),
    startMs: Date.UTC(2001, 0, 1),
    simulation: {
      seed,
      onEvent: (line) => lines.push(line),
      ...(delivery === undefined ? {} : { faults: { ...NO_FAULTS, delivery } }),
    },
  });
  onTestFinished(() => cloud.stop());
  const config = {
    region: 'us-east-1',
    endpoint: cloud.endpoint,
    credentials: { accessKeyId: LOCAL_USER_KEY, secretAccessKey: LOCAL_USER_KEY },
    requestHandler: cloud.memory?.requestHandler,
    maxAttempts: 1,
  };
  return { cloud, lines, config };
};

const BODIES = ['a', 'b', 'flaky-c', 'd', 'flaky-e', 'f', 'g'];

/** Sends messages, lets ten minutes pass and tells what the function has seen and what is left. */
const runOnce = async (seed: number, delivery?: () => DeliveryFault | undefined) => {
  const { cloud, lines, config } = await start(seed, delivery === undefined ? {} : { delivery });
  const sqs = new SQSClient(config);
  const tables = new DynamoDBClient(config);
  const QueueUrl = `${cloud.endpoint}/000000000000/work`;
  for (const MessageBody of BODIES) await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  await cloud.clock.advanceBy(600_000);
  const missing: string[] = [];
  for (const id of BODIES.flatMap((body) => [body, `${body} again`])) {
    const put = new PutItemCommand({
      TableName: 'seen',
      Item: { id: { S: id } },
      ConditionExpression: 'attribute_exists(id)',
    });
    await tables.send(put).catch(() => missing.push(id));
  }
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
  const left = [Attributes?.ApproximateNumberOfMessages, Attributes?.ApproximateNumberOfMessagesNotVisible];
  return { missing, left, lines: [...lines] };
};

test('a queue and a stream reach the function under its own role, and no message is lost', async () => {
  const { missing, left } = await runOnce(1);

  expect(missing).toEqual([]);
  expect(left).toEqual(['0', '0']);
});

test('with deliveries doubled, delayed and refused nothing is lost, and the same seed tells the same story', async () => {
  const faults = () => {
    const kinds = ['reject', 'duplicate', undefined, 'delay'] as const;
    let asked = 0;
    return (): DeliveryFault | undefined => {
      const kind = asked < 40 ? kinds[asked % kinds.length] : undefined;
      asked += 1;
      if (kind === undefined) return undefined;
      return kind === 'delay' ? { kind, delayMs: 4_000 } : { kind };
    };
  };

  const first = await runOnce(7, faults());
  const second = await runOnce(7, faults());

  expect(first.missing).toEqual([]);
  expect(first.left).toEqual(['0', '0']);
  expect(second.lines).toEqual(first.lines);
});

test('a mapping whose role may not read its queue is refused at the deployment', async () => {
  const [statement] = RESOURCES.Role.Properties.Policies[0]?.PolicyDocument.Statement ?? [];
  const resources = structuredClone(RESOURCES) as unknown as {
    Role: { Properties: { Policies: { PolicyDocument: { Statement: { Action: unknown }[] } }[] } };
  };
  const statements = resources.Role.Properties.Policies[0]?.PolicyDocument.Statement ?? [];
  statements[0] = { ...statement, Action: ['sqs:DeleteMessage', 'sqs:GetQueueAttributes'] };

  await expect(start(1, { resources })).rejects.toThrow(
    'The provided execution role does not have permissions to call ReceiveMessage on SQS',
  );
});
