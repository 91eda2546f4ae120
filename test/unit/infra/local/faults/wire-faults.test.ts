import { BatchClient, SubmitJobCommand } from '@aws-sdk/client-batch';
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { FirehoseClient, PutRecordCommand } from '@aws-sdk/client-firehose';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DescribeTrainingJobCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { GetScheduleCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, it } from 'vitest';
import { type RefusalKind, renderRefusal } from '../../../../../infra/local/faults/wire-faults.ts';
import { operationOf } from '../../../../../infra/local/operation-of.ts';
import { createMemoryRequestHandler } from '../../../../../infra/local/simulation/request-handler.ts';

/** Real SDK clients must read an injected refusal as the service's own, and see that it is worth another try. */

const clientConfig = (kind: RefusalKind, seen: string[]) => ({
  endpoint: 'http://127.0.0.1:4566',
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  retryStrategy: {
    acquireInitialRetryToken: async () => ({ getRetryCount: () => 0, getRetryDelay: () => 0 }),
    refreshRetryTokenForRetry: async (token: object, info: { readonly errorType: string }) => {
      seen.push(info.errorType);
      if (seen.length > 1) throw new Error('enough');
      return token as never;
    },
    recordSuccess: () => {},
  },
  requestHandler: createMemoryRequestHandler(async (request) => {
    const { service } = operationOf(request);
    const { status, headers = {}, body = '' } = renderRefusal(kind, service, { ...request, requestId: 'r-1' });
    return { status, headers, body: Buffer.from(body as string) };
  }),
});

type Config = ReturnType<typeof clientConfig>;
const CALLS: readonly (readonly [
  name: string,
  throttled: string,
  failed: string,
  call: (config: Config) => Promise<unknown>,
])[] = [
  [
    'batch',
    'TooManyRequestsException',
    'ServerException',
    (c) => new BatchClient(c).send(new SubmitJobCommand({ jobName: 'j', jobQueue: 'q', jobDefinition: 'd' })),
  ],
  [
    'dynamodb',
    'ProvisionedThroughputExceededException',
    'InternalServerError',
    (c) => new DynamoDBClient(c).send(new GetItemCommand({ TableName: 't', Key: { pk: { S: 'a' } } })),
  ],
  [
    'events',
    'ThrottlingException',
    'InternalException',
    (c) => new EventBridgeClient(c).send(new PutEventsCommand({ Entries: [] })),
  ],
  [
    'lambda',
    'TooManyRequestsException',
    'ServiceException',
    (c) => new LambdaClient(c).send(new InvokeCommand({ FunctionName: 'f' })),
  ],
  [
    'monitoring',
    'ThrottlingException',
    'InternalServiceFault',
    (c) => new CloudWatchClient(c).send(new PutMetricDataCommand({ Namespace: 'n', MetricData: [] })),
  ],
  [
    's3',
    'SlowDown',
    'InternalError',
    (c) => new S3Client({ ...c, forcePathStyle: true }).send(new GetObjectCommand({ Bucket: 'b', Key: 'k' })),
  ],
  [
    'sagemaker',
    'ThrottlingException',
    'InternalFailure',
    (c) => new SageMakerClient(c).send(new DescribeTrainingJobCommand({ TrainingJobName: 'j' })),
  ],
  [
    'scheduler',
    'ThrottlingException',
    'InternalServerException',
    (c) => new SchedulerClient(c).send(new GetScheduleCommand({ Name: 's' })),
  ],
  [
    'sns',
    'Throttling',
    'InternalErrorException',
    (c) => new SNSClient(c).send(new PublishCommand({ TopicArn: 't', Message: 'm' })),
  ],
  [
    'sqs',
    'RequestThrottled',
    'InternalFailure',
    (c) => new SQSClient(c).send(new SendMessageCommand({ QueueUrl: 'http://127.0.0.1:4566/0/q', MessageBody: 'm' })),
  ],
  [
    'states',
    'ThrottlingException',
    'InternalFailure',
    (c) => new SFNClient(c).send(new StartExecutionCommand({ stateMachineArn: 'a' })),
  ],
];

it.each(CALLS)('%s says %s when it throttles and %s when it fails', async (_service, throttled, failed, call) => {
  for (const [kind, name] of [
    ['throttle', throttled],
    ['server-error', failed],
  ] as const) {
    const seen: string[] = [];

    await expect(call(clientConfig(kind, seen))).rejects.toMatchObject({ name });
    expect(seen).toEqual(kind === 'throttle' ? ['THROTTLING', 'THROTTLING'] : ['TRANSIENT', 'TRANSIENT']);
  }
});

it('firehose says one thing for both, as it does', async () => {
  const seen: string[] = [];
  const firehose = new FirehoseClient(clientConfig('server-error', seen));
  const put = new PutRecordCommand({ DeliveryStreamName: 's', Record: { Data: new Uint8Array([1]) } });

  await expect(firehose.send(put)).rejects.toMatchObject({ name: 'ServiceUnavailableException' });
});
