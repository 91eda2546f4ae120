import { BatchClient, SubmitJobCommand } from '@aws-sdk/client-batch';
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { FirehoseClient, PutRecordCommand } from '@aws-sdk/client-firehose';
import * as lambda from '@aws-sdk/client-lambda';
import * as s3 from '@aws-sdk/client-s3';
import { CreateTrainingJobCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import * as scheduler from '@aws-sdk/client-scheduler';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { operationOf } from '../../../../infra/local/operation-of.ts';
import { createMemoryRequestHandler } from '../../../../infra/local/simulation/request-handler.ts';
import type { MemoryRequest } from '../../../../infra/local/simulation/transport.ts';

/** What the requests of real SDK clients ask for: the command's own name is what must come out. */

let sent: MemoryRequest | undefined;
const config = {
  endpoint: 'http://127.0.0.1:4566',
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  maxAttempts: 1,
  requestHandler: createMemoryRequestHandler(async (request) => {
    sent = request;
    throw new Error('caught');
  }),
};

interface AnyClient {
  send(command: object): Promise<unknown>;
}

const asked = async (client: object, command: object): Promise<string> => {
  await (client as AnyClient).send(command).catch((error: Error) => expect(error.message).toBe('caught'));
  const request = sent as MemoryRequest;
  const { service, operation } = operationOf(request, () => request.body.toString('utf8'));
  return `${service} ${operation}`;
};

const named = (command: object): string => command.constructor.name.replace(/Command$/, '');

describe('services of one form of request', () => {
  it.each([
    ['batch', new BatchClient(config), new SubmitJobCommand({ jobName: 'j', jobQueue: 'q', jobDefinition: 'd' })],
    ['dynamodb', new DynamoDBClient(config), new TransactWriteItemsCommand({ TransactItems: [] })],
    ['events', new EventBridgeClient(config), new PutEventsCommand({ Entries: [] })],
    [
      'firehose',
      new FirehoseClient(config),
      new PutRecordCommand({ DeliveryStreamName: 's', Record: { Data: new Uint8Array() } }),
    ],
    ['monitoring', new CloudWatchClient(config), new PutMetricDataCommand({ Namespace: 'n', MetricData: [] })],
    ['sagemaker', new SageMakerClient(config), new CreateTrainingJobCommand({ TrainingJobName: 'j' } as never)],
    ['sns', new SNSClient(config), new PublishCommand({ TopicArn: 't', Message: 'm' })],
    ['sqs', new SQSClient(config), new SendMessageCommand({ QueueUrl: 'http://127.0.0.1:4566/0/q', MessageBody: 'm' })],
    ['states', new SFNClient(config), new StartExecutionCommand({ stateMachineArn: 'a' })],
  ])('%s', async (service, client, command) => {
    expect(await asked(client, command)).toBe(`${service} ${named(command)}`);
  });
});

describe('S3', () => {
  const object = { Bucket: 'b', Key: 'k/l' };
  const part = { ...object, UploadId: 'u' };
  const commands = [
    new s3.ListBucketsCommand({}),
    new s3.CreateBucketCommand({ Bucket: 'b' }),
    new s3.HeadBucketCommand({ Bucket: 'b' }),
    new s3.ListObjectsV2Command({ Bucket: 'b', Prefix: 'versions/', Delimiter: '/' }),
    new s3.ListObjectVersionsCommand({ Bucket: 'b' }),
    new s3.ListMultipartUploadsCommand({ Bucket: 'b' }),
    new s3.GetBucketVersioningCommand({ Bucket: 'b' }),
    new s3.GetBucketPolicyCommand({ Bucket: 'b' }),
    new s3.GetBucketLifecycleConfigurationCommand({ Bucket: 'b' }),
    new s3.DeleteObjectsCommand({ Bucket: 'b', Delete: { Objects: [{ Key: 'k' }] } }),
    new s3.GetObjectCommand({ ...object, VersionId: 'v', Range: 'bytes=0-1' }),
    new s3.HeadObjectCommand(object),
    new s3.PutObjectCommand({ ...object, Body: 'x' }),
    new s3.CopyObjectCommand({ ...object, CopySource: 'b/k' }),
    new s3.DeleteObjectCommand(object),
    new s3.GetObjectTaggingCommand(object),
    new s3.GetObjectAttributesCommand({ ...object, ObjectAttributes: ['ETag'] }),
    new s3.PutObjectRetentionCommand({ ...object, Retention: { Mode: 'GOVERNANCE' } }),
    new s3.CreateMultipartUploadCommand(object),
    new s3.UploadPartCommand({ ...part, PartNumber: 1, Body: 'x' }),
    new s3.UploadPartCopyCommand({ ...part, PartNumber: 1, CopySource: 'b/k' }),
    new s3.CompleteMultipartUploadCommand({ ...part, MultipartUpload: { Parts: [] } }),
    new s3.ListPartsCommand(part),
    new s3.AbortMultipartUploadCommand(part),
  ];

  it.each(commands.map((command) => [named(command), command] as const))('%s, by path', async (name, command) => {
    expect(await asked(new s3.S3Client({ ...config, forcePathStyle: true }), command)).toBe(`s3 ${name}`);
  });
});

describe('REST services', () => {
  const FunctionName = 'f';
  const alias = { FunctionName, Name: 'live' };
  const lambdaCommands = [
    new lambda.InvokeCommand({ FunctionName: 'arn:aws:lambda:us-east-1:000000000000:function:f', Qualifier: 'live' }),
    new lambda.GetFunctionCommand({ FunctionName }),
    new lambda.GetFunctionConfigurationCommand({ FunctionName }),
    new lambda.UpdateFunctionConfigurationCommand({ FunctionName }),
    new lambda.UpdateFunctionCodeCommand({ FunctionName }),
    new lambda.PublishVersionCommand({ FunctionName }),
    new lambda.ListVersionsByFunctionCommand({ FunctionName }),
    new lambda.GetAliasCommand(alias),
    new lambda.UpdateAliasCommand(alias),
    new lambda.ListAliasesCommand({ FunctionName }),
    new lambda.GetPolicyCommand({ FunctionName }),
    new lambda.CreateEventSourceMappingCommand({ FunctionName }),
    new lambda.ListEventSourceMappingsCommand({}),
  ];
  const schedulerCommands = [
    new scheduler.GetScheduleCommand({ Name: 's' }),
    new scheduler.DeleteScheduleCommand({ Name: 's' }),
    new scheduler.ListSchedulesCommand({}),
    new scheduler.ListScheduleGroupsCommand({}),
  ];

  it.each(lambdaCommands.map((command) => [named(command), command] as const))('lambda %s', async (name, command) => {
    expect(await asked(new lambda.LambdaClient(config), command)).toBe(`lambda ${name}`);
  });

  it.each(schedulerCommands.map((command) => [named(command), command] as const))(
    'scheduler %s',
    async (name, command) => {
      expect(await asked(new scheduler.SchedulerClient(config), command)).toBe(`scheduler ${name}`);
    },
  );
});

it('names an unsigned request, or one to an API, by its method and path', () => {
  const request = { method: 'POST', target: '/_apis/a/v1/models/toy/train?x=1', headers: {} };

  expect(operationOf(request)).toEqual({ service: '', operation: 'POST /_apis/a/v1/models/toy/train' });
});
