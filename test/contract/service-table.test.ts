import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BatchClient, SubmitJobCommand } from '@aws-sdk/client-batch';
import { CloudWatchClient, PutCompositeAlarmCommand } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { DescribeDeliveryStreamCommand, FirehoseClient } from '@aws-sdk/client-firehose';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { PutBucketVersioningCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateTrainingJobCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { CreateScheduleCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LocalService } from '../../infra/local/contracts.ts';
import { type StartedService, startLocalService } from '../helpers/local-service.ts';
import { type AwsOperation, awsOperations } from '../helpers/service-table/aws-operations.ts';
import type { ComparedOperation } from '../helpers/service-table/compare.ts';
import { refusalRequest } from '../helpers/service-table/refusal-request.ts';
import {
  compareServices,
  renderServiceTable,
  type ServiceComparison,
  withServiceTable,
} from '../helpers/service-table/render.ts';
import { TABLED_SERVICES } from '../helpers/service-table/services.ts';

/** The table in infra/local/README.md, and that what it calls refused is refused. */

let compared: readonly ServiceComparison[];
let local: StartedService;
beforeAll(async () => {
  compared = await compareServices();
  local = await startLocalService(TABLED_SERVICES.map(({ create }) => create));
});
afterAll(() => local.stop());

const serviceOf = (signingName: string): LocalService => {
  const found = local.services.find((service) => service.signingName === signingName);
  if (found === undefined) throw new Error(`no service ${signingName}`);
  return found;
};

/** What a service answers to a request: status, and all of its text. */
const answerOf = async (service: LocalService, request: Parameters<LocalService['handle']>[0]) => {
  const { status, headers = {}, body = '' } = await service.handle(request);
  const text = typeof body === 'string' ? body : Buffer.from(body as Uint8Array).toString('utf8');
  return { status, text: `${JSON.stringify(headers)} ${text}` };
};

describe('the table of the embedded cloud', () => {
  it('tells what the services tell of themselves today (npm run table writes it)', () => {
    const document = readFileSync(join(import.meta.dirname, '../../infra/local/README.md'), 'utf8');

    expect(document).toBe(withServiceTable(document, renderServiceTable(compared)));
  });

  it('is told by readers that run through', () => {
    const gaps = compared.flatMap(({ service, offered, unlisted }) =>
      [...offered, ...unlisted].flatMap(({ name, support }) =>
        support.gap === undefined ? [] : [`${service.title} ${name}: ${support.gap}`],
      ),
    );

    expect(gaps).toEqual([]);
  });

  it('has no operation that AWS does not have', () => {
    const unlisted = compared.flatMap(({ service, missing, unlisted: operations }) =>
      missing === undefined ? [] : operations.map(({ name }) => `${service.title} ${name}`),
    );

    // An API of its own, on the same endpoint.
    expect(unlisted).toEqual(
      ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'].map((name) => `DynamoDB ${name}`),
    );
  });

  it('gives a reason for everything that is accepted without effect', () => {
    const silent = compared.flatMap(({ service, offered, unlisted }) =>
      [...offered, ...unlisted].flatMap(({ name, ignored }) =>
        ignored.flatMap(({ option, reason }) =>
          reason === 'no reason given' ? [`${service.title} ${name}: ${option}`] : [],
        ),
      ),
    );

    expect(silent).toEqual([]);
  });
});

/** The options of one operation that are refused in the table, and were not when they were asked for. */
const acceptedOptions = async (
  signingName: string,
  operation: AwsOperation,
  { refused, support }: ComparedOperation,
): Promise<readonly string[]> => {
  const accepted: string[] = [];
  for (const option of operation.options.filter(({ name }) => refused.includes(name))) {
    const request = refusalRequest(signingName, { operation, option, required: support.required });
    const { status, text } = await answerOf(serviceOf(signingName), request);
    const named = [option.name, option.wireName ?? option.name, option.xmlName ?? option.name];
    // An answer to HEAD has no body to name anything in.
    const byName = status >= 400 && (request.method === 'HEAD' || named.some((one) => text.includes(one)));
    if (!byName) accepted.push(`${operation.name} ${option.name}: ${text}`);
  }
  return accepted;
};

describe.each(TABLED_SERVICES.filter(({ client }) => client !== undefined))('$title', ({ signingName, client }) => {
  const comparison = () => compared.find(({ service }) => service.signingName === signingName);

  it('refuses by name every option that the table calls refused', async () => {
    const operations = awsOperations((await client?.()) ?? {});
    const accepted: string[] = [];

    for (const one of comparison()?.offered ?? []) {
      const operation = operations.find(({ name }) => name === one.name);
      if (operation !== undefined) accepted.push(...(await acceptedOptions(signingName, operation, one)));
    }

    expect(accepted).toEqual([]);
  });

  it('refuses every operation that the table calls refused', async () => {
    const operations = awsOperations((await client?.()) ?? {});
    const served: string[] = [];

    for (const operation of operations.filter(({ name }) => comparison()?.missing?.includes(name))) {
      const request = refusalRequest(signingName, { operation, required: [] });
      const { status, text } = await answerOf(serviceOf(signingName), request);
      if (status < 400) served.push(`${operation.name}: ${status} ${text}`);
    }

    expect(served).toEqual([]);
  });
});

/** One option of each service, asked for by the real client. */
const ASKED: readonly (readonly [option: string, ask: (config: object) => Promise<unknown>])[] = [
  [
    'arrayProperties',
    (config) =>
      new BatchClient(config).send(
        new SubmitJobCommand({ jobName: 'x', jobQueue: 'x', jobDefinition: 'x', arrayProperties: { size: 2 } }),
      ),
  ],
  [
    'ActionsSuppressor',
    (config) =>
      new CloudWatchClient(config).send(
        new PutCompositeAlarmCommand({ AlarmName: 'x', AlarmRule: 'TRUE', ActionsSuppressor: 'y' }),
      ),
  ],
  [
    'KeyConditions',
    (config) => new DynamoDBClient(config).send(new QueryCommand({ TableName: 'table', KeyConditions: {} })),
  ],
  [
    'KinesisParameters',
    (config) =>
      new EventBridgeClient(config).send(
        new PutTargetsCommand({
          Rule: 'x',
          Targets: [
            { Id: '1', Arn: 'arn:aws:sqs:us-east-1:000000000000:q', KinesisParameters: { PartitionKeyPath: '$' } },
          ],
        }),
      ),
  ],
  [
    'ExclusiveStartDestinationId',
    (config) =>
      new FirehoseClient(config).send(
        new DescribeDeliveryStreamCommand({ DeliveryStreamName: 'x', ExclusiveStartDestinationId: 'y' }),
      ),
  ],
  [
    'x-amz-client-context',
    (config) => new LambdaClient(config).send(new InvokeCommand({ FunctionName: 'x', ClientContext: 'e30=' })),
  ],
  [
    'x-amz-website-redirect-location',
    (config) =>
      new S3Client(config).send(
        new PutObjectCommand({ Bucket: 'bucket', Key: 'k', Body: 'x', WebsiteRedirectLocation: '/y' }),
      ),
  ],
  [
    'MfaDelete',
    (config) =>
      new S3Client(config).send(
        new PutBucketVersioningCommand({
          Bucket: 'bucket',
          VersioningConfiguration: { Status: 'Enabled', MFADelete: 'Enabled' },
        }),
      ),
  ],
  [
    'DebugHookConfig',
    (config) =>
      new SageMakerClient(config).send(
        new CreateTrainingJobCommand({
          TrainingJobName: 'x',
          RoleArn: 'arn:aws:iam::000000000000:role/x',
          OutputDataConfig: { S3OutputPath: 's3://bucket/x' },
          DebugHookConfig: { S3OutputPath: 's3://bucket/x' },
        }),
      ),
  ],
  [
    'EcsParameters',
    (config) =>
      new SchedulerClient(config).send(
        new CreateScheduleCommand({
          Name: 'x',
          ScheduleExpression: 'rate(1 hour)',
          FlexibleTimeWindow: { Mode: 'OFF' },
          Target: {
            Arn: 'arn:aws:sqs:us-east-1:000000000000:q',
            RoleArn: 'arn:aws:iam::000000000000:role/x',
            EcsParameters: { TaskDefinitionArn: 'x' },
          },
        }),
      ),
  ],
  [
    'DataProtectionPolicy',
    (config) => new SNSClient(config).send(new CreateTopicCommand({ Name: 'x', DataProtectionPolicy: '{}' })),
  ],
  [
    'MessageSystemAttributes',
    (config) =>
      new SQSClient(config).send(
        new SendMessageCommand({
          QueueUrl: 'http://127.0.0.1/000000000000/q',
          MessageBody: 'x',
          MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: 'x' } },
        }),
      ),
  ],
];

it.each(ASKED)('the real client is told that %s is not supported', async (option, ask) => {
  await expect(ask(local.clientConfig)).rejects.toThrow(option);
});
