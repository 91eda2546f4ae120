import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BatchClient, DescribeJobQueuesCommand } from '@aws-sdk/client-batch';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeTableCommand, DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, ListEventBusesCommand, ListRulesCommand } from '@aws-sdk/client-eventbridge';
import { FirehoseClient, ListDeliveryStreamsCommand } from '@aws-sdk/client-firehose';
import {
  GetAliasCommand,
  LambdaClient,
  ListAliasesCommand,
  ListVersionsByFunctionCommand,
  paginateListFunctions,
} from '@aws-sdk/client-lambda';
import { ListBucketsCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { ListTrainingJobsCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { ListSchedulesCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import {
  DescribeExecutionCommand,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  paginateGetExecutionHistory,
  SFNClient,
} from '@aws-sdk/client-sfn';
import { ListSubscriptionsCommand, SNSClient } from '@aws-sdk/client-sns';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { assemble, startTestCloud, type TestCloud } from '../helpers/local-cloud.ts';
import { answering, openRolloutBench, rolloutDefinition } from '../helpers/rollout-bench.ts';
import { signedFetch } from '../helpers/signed-request.ts';

/** AWS's own clients, given nothing but the endpoint, see the platform as they would see it in an account. */

const START_MS = Date.UTC(2001, 0, 15);
const ROLLOUT_ARN = 'arn:aws:states:us-east-1:000000000000:stateMachine:millrace-local-canary-rollout';

let test: TestCloud;
let bench: ReturnType<typeof openRolloutBench>;
const clients: { destroy(): void }[] = [];
const stateFolder = mkdtempSync(join(tmpdir(), 'millrace-clients-'));

/** A client that is told where the cloud is, and nothing more. */
const clientOf = <T extends { destroy(): void }>(Client: new (config: TestCloud['clientConfig']) => T): T => {
  const client = new Client(test.clientConfig);
  clients.push(client);
  return client;
};

const collect = async <T>(pages: AsyncIterable<T>): Promise<readonly T[]> => {
  const collected: T[] = [];
  for await (const page of pages) collected.push(page);
  return collected;
};

beforeAll(async () => {
  test = await startTestCloud({ assemblyFolder: await assemble([rolloutDefinition('toy')]), stateFolder });
  bench = openRolloutBench(test, stateFolder);
  await bench.serveFirst('toy');
  await bench.beginCanary('toy', await bench.upload('toy', answering(2)));
});

afterAll(async () => {
  for (const client of clients) client.destroy();
  bench.close();
  await test.stop();
  rmSync(stateFolder, { recursive: true, force: true });
});

it('DynamoDB lists the five tables, all active', async () => {
  const client = clientOf(DynamoDBClient);

  const { TableNames = [] } = await client.send(new ListTablesCommand({}));
  const tables = await Promise.all(
    TableNames.map(async (TableName) => (await client.send(new DescribeTableCommand({ TableName }))).Table),
  );

  expect(TableNames).toEqual([
    expect.stringMatching(/^Millrace-local-data-AuditTable/),
    expect.stringMatching(/^Millrace-local-data-LineageTable/),
    expect.stringMatching(/^Millrace-local-data-OnlineTable/),
    expect.stringMatching(/^Millrace-local-data-RegistryTable/),
    expect.stringMatching(/^Millrace-local-data-TrackingTable/),
  ]);
  expect(tables.map((table) => table?.TableStatus)).toEqual(['ACTIVE', 'ACTIVE', 'ACTIVE', 'ACTIVE', 'ACTIVE']);
  const registry = tables.find((table) => table?.TableName?.includes('RegistryTable'));
  expect(registry?.GlobalSecondaryIndexes).toMatchObject([{ IndexName: 'gsi1', IndexStatus: 'ACTIVE' }]);
  expect(registry?.CreationDateTime).toEqual(new Date(START_MS));
});

it('S3 lists the three buckets, and the files of the two versions that were registered', async () => {
  const client = clientOf(S3Client);

  const { Buckets = [] } = await client.send(new ListBucketsCommand({}));
  const [artifacts] = Buckets.map(({ Name }) => Name).filter((name) => name?.includes('artifact'));
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: artifacts, Prefix: 'models/toy/' }));

  expect(Buckets).toHaveLength(3);
  expect(Contents.map(({ Key }) => Key?.split('/').at(-1))).toEqual([
    ...['manifest.json', 'model.onnx', 'signature.json'],
    ...['manifest.json', 'model.onnx', 'signature.json'],
  ]);
});

it('Step Functions lists the workflows and their executions', async () => {
  const client = clientOf(SFNClient);

  const { stateMachines = [] } = await client.send(new ListStateMachinesCommand({}));
  const { executions = [] } = await client.send(new ListExecutionsCommand({ stateMachineArn: ROLLOUT_ARN }));
  const described = await client.send(new DescribeExecutionCommand({ executionArn: executions[1]?.executionArn }));

  expect(stateMachines.map(({ name }) => name)).toEqual([
    'millrace-local-batch-scoring',
    'millrace-local-canary-rollout',
    'millrace-local-drift-check',
    'millrace-local-model-upload',
    'millrace-local-reproduce-toy',
    'millrace-local-train-toy',
  ]);
  expect(executions.map(({ status }) => status)).toEqual(['RUNNING', 'SUCCEEDED']);
  expect(described.startDate).toEqual(new Date(START_MS));
  expect(JSON.parse(described.input ?? '')).toMatchObject({ model: 'toy', version: 1, kind: 'model' });
  expect(JSON.parse(described.output ?? '')).toEqual({
    outcome: 'promoted',
    model: 'toy',
    version: 1,
    lambdaVersion: '2',
  });
});

/** What AWS writes of a state, by its type, when nothing is repeated. */
const EVENTS = {
  Task: ['TaskStateEntered', 'TaskScheduled', 'TaskStarted', 'TaskSucceeded', 'TaskStateExited'],
  Choice: ['ChoiceStateEntered', 'ChoiceStateExited'],
  Wait: ['WaitStateEntered', 'WaitStateExited'],
  Succeed: ['SucceedStateEntered', 'SucceedStateExited'],
};

it('an execution’s history has AWS’s events, in pages, each following the one before', async () => {
  const client = clientOf(SFNClient);
  const { executions = [] } = await client.send(
    new ListExecutionsCommand({ stateMachineArn: ROLLOUT_ARN, statusFilter: 'SUCCEEDED' }),
  );
  const executionArn = executions[0]?.executionArn;

  const pages = await collect(paginateGetExecutionHistory({ client, pageSize: 25 }, { executionArn }));
  const events = pages.flatMap((page) => page.events ?? []);

  const { Task, Choice, Wait, Succeed } = EVENTS;
  const lengths = pages.map((page) => page.events?.length ?? 0);
  expect(lengths.slice(0, -1)).toEqual(lengths.slice(0, -1).map(() => 25));
  // A step of an hour is looked at every five minutes.
  const look = [...Wait, ...Task, ...Choice];
  const looks = Array.from({ length: 12 }, () => look).flat();
  expect(events.map(({ type }) => type)).toEqual([
    'ExecutionStarted',
    ...[...Task, ...Choice], // Begin rollout, Begun?
    ...[...Task, ...Choice, ...Wait], // Publish version pins the model, Published? no, Wait for the function
    ...[...Task, ...Choice], // Publish version, Published? yes
    ...[...Task, ...Task, ...Choice], // Smoke test, Replay captured inputs, Replay refused? no
    ...[...Task, ...Choice], // Shift traffic, Last step? no
    ...looks, // Wait for the next look, Judge canary, Decided?
    ...[...Task, ...Choice], // Shift traffic, Last step? yes
    ...[...Task, ...Succeed], // Promote, Promoted
    'ExecutionSucceeded',
  ]);
  expect(events.map(({ id }) => id)).toEqual(events.map((_, i) => i + 1));
  // AWS says of the first state that it follows event 0, not event 1.
  expect(events.map(({ previousEventId }) => previousEventId)).toEqual(events.map((_, i) => (i < 2 ? 0 : i)));
  expect(events[1]?.stateEnteredEventDetails?.name).toBe('Begin rollout');
  expect(events[2]?.taskScheduledEventDetails).toMatchObject({
    resourceType: 'lambda',
    resource: 'invoke',
    region: 'us-east-1',
    parameters: expect.stringContaining('millrace-local-begin-rollout'),
  });
  expect(JSON.parse(events[4]?.taskSucceededEventDetails?.output ?? '')).toMatchObject({ StatusCode: 200 });
  const baked = events.filter(({ type = '' }) => type.startsWith('WaitState')).slice(2);
  // Virtual time runs on between the leap to the end of the wait and what is noted then.
  const bakedMs = Number(baked.at(-1)?.timestamp) - Number(baked[0]?.timestamp);
  expect(bakedMs).toBeGreaterThanOrEqual(3_600_000);
  expect(bakedMs).toBeLessThan(3_660_000);
});

it('Lambda lists every function by pages, and how the traffic of an inference function is divided', async () => {
  const client = clientOf(LambdaClient);
  const FunctionName = 'millrace-local-infer-toy';

  const pages = await collect(paginateListFunctions({ client, pageSize: 10 }, {}));
  const functions = pages.flatMap((page) => page.Functions ?? []);
  const alias = await client.send(new GetAliasCommand({ FunctionName, Name: 'live' }));
  const { Aliases = [] } = await client.send(new ListAliasesCommand({ FunctionName }));
  const { Versions = [] } = await client.send(new ListVersionsByFunctionCommand({ FunctionName }));

  expect(pages.map((page) => page.Functions?.length)).toEqual([10, 10, 10, 10, 7]);
  expect(functions.map((one) => one.FunctionName)).toContain(FunctionName);
  expect(new Set(functions.map(({ Runtime }) => Runtime))).toEqual(new Set(['nodejs24.x']));
  const divided = { FunctionVersion: '2', RoutingConfig: { AdditionalVersionWeights: { 3: 0.5 } } };
  expect(alias).toMatchObject(divided);
  expect(Aliases).toMatchObject([{ Name: 'live', ...divided }]);
  expect(Versions.map(({ Version, Environment }) => [Version, Environment?.Variables?.MODEL_VERSION]).slice(1)).toEqual(
    [
      ['1', undefined],
      ['2', '1'],
      ['3', '2'],
    ],
  );
});

it('CloudWatch describes the alarms of the model and of the platform, the model’s with its dimension', async () => {
  const { MetricAlarms = [] } = await clientOf(CloudWatchClient).send(new DescribeAlarmsCommand({}));

  const names = MetricAlarms.map(({ AlarmName }) => AlarmName);
  const drift = MetricAlarms.find(({ AlarmName }) => AlarmName === 'millrace-local-toy-drift');
  expect(names).toEqual(names.toSorted());
  expect(names).toEqual(expect.arrayContaining(['millrace-local-predict-api-errors', 'millrace-local-toy-errors']));
  expect(drift).toMatchObject({
    StateValue: 'INSUFFICIENT_DATA',
    TreatMissingData: 'ignore',
    Dimensions: [{ Name: 'Model', Value: 'local/toy' }],
  });
  expect(drift?.StateUpdatedTimestamp).toEqual(new Date(START_MS));
});

it('CloudWatch Logs lists a log group for each function', async () => {
  const headers = {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': 'Logs_20140328.DescribeLogGroups',
  };
  const body = JSON.stringify({ logGroupNamePrefix: '/aws/lambda/' });

  const request = { service: 'logs', method: 'POST', url: `${test.clientConfig.endpoint}/`, headers, body } as const;
  const answer = await signedFetch(test, request);

  const { logGroups } = (await answer.json()) as { logGroups: { logGroupName: string; retentionInDays: number }[] };
  expect(answer.status).toBe(200);
  expect(logGroups).toHaveLength(47);
  expect(logGroups).toContainEqual(
    expect.objectContaining({ logGroupName: '/aws/lambda/millrace-local-infer-toy', retentionInDays: 30 }),
  );
});

it('EventBridge lists the rules of both buses, and Scheduler the schedules', async () => {
  const client = clientOf(EventBridgeClient);
  const rulesOf = async (EventBusName: string) =>
    ((await client.send(new ListRulesCommand({ EventBusName }))).Rules ?? []).map(
      ({ EventPattern = '' }) => EventPattern,
    );

  const { EventBuses = [] } = await client.send(new ListEventBusesCommand({}));
  const [aws, ours] = [await rulesOf('default'), await rulesOf('millrace-local')];
  const { Schedules = [] } = await clientOf(SchedulerClient).send(new ListSchedulesCommand({}));

  expect(EventBuses.map(({ Name }) => Name)).toEqual(['default', 'millrace-local']);
  // AWS's own events go to the default bus, so the rules on them sit there.
  for (const pattern of aws) expect(JSON.parse(pattern).source).toEqual([expect.stringMatching(/^aws\./)]);
  for (const pattern of ours) expect(JSON.parse(pattern).source).toEqual(['millrace']);
  expect(ours.some((pattern) => pattern.includes('Model Version Approved'))).toBe(true);
  expect(Schedules.map(({ Name, State }) => [Name, State])).toEqual([
    ['millrace-local-collect-garbage', 'ENABLED'],
    ['millrace-local-drift-check-toy', 'ENABLED'],
    ['millrace-local-meter-usage', 'ENABLED'],
    ['millrace-local-reconcile-serving', 'ENABLED'],
    ['millrace-local-seal-audit', 'ENABLED'],
  ]);
});

it('SageMaker and Batch list no job and no queue where no model asks for them', async () => {
  const { TrainingJobSummaries } = await clientOf(SageMakerClient).send(new ListTrainingJobsCommand({}));
  const { jobQueues } = await clientOf(BatchClient).send(new DescribeJobQueuesCommand({}));

  expect({ TrainingJobSummaries, jobQueues }).toEqual({ TrainingJobSummaries: [], jobQueues: [] });
});

it('SNS, SQS and Firehose list the operator’s subscription, the dead-letter queues and the capture stream', async () => {
  const { Subscriptions = [] } = await clientOf(SNSClient).send(new ListSubscriptionsCommand({}));
  const { QueueUrls = [] } = await clientOf(SQSClient).send(new ListQueuesCommand({}));
  const { DeliveryStreamNames } = await clientOf(FirehoseClient).send(new ListDeliveryStreamsCommand({}));

  expect(Subscriptions).toMatchObject([{ Protocol: 'email', Endpoint: 'operator@example.com' }]);
  expect(QueueUrls.map((url) => /local-([a-z]+)-/.exec(url)?.[1])).toEqual(['api', 'monitorin', 'serving', 'training']);
  expect(DeliveryStreamNames).toEqual(['millrace-local-capture-toy']);
});
