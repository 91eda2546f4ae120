import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient, GetItemCommand, PutItemCommand, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CopyObjectCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateScheduleCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cloud, startCloud } from '../../infra/local/cloud.ts';
import { HOUR_MS } from '../../shared/kernel/time.ts';
import { signedFetch } from '../helpers/signed-request.ts';

/** Refusals as real clients meet them: a role of a template that may very little, in every protocol. */

const ACCOUNT = '000000000000';
const START_MS = Date.UTC(2001, 0, 1);
const USER = `arn:aws:sts::${ACCOUNT}:assumed-role/reader/test`;
const TABLE = `arn:aws:dynamodb:us-east-1:${ACCOUNT}:table/items`;
const allow = (Action: string | string[], Resource: unknown) => ({ Effect: 'Allow', Action, Resource });
const document = (...Statement: object[]) => ({ Version: '2012-10-17', Statement });
const ROOT = { AWS: `arn:aws:iam::${ACCOUNT}:root` };

const TEMPLATE = {
  Resources: {
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: {
        RoleName: 'reader',
        AssumeRolePolicyDocument: document({ Effect: 'Allow', Principal: ROOT, Action: 'sts:AssumeRole' }),
        Policies: [
          {
            PolicyName: 'own',
            PolicyDocument: document(
              allow(['dynamodb:GetItem', 'dynamodb:UpdateItem'], TABLE),
              allow(['s3:GetObject', 's3:PutObject'], 'arn:aws:s3:::shelf/open/*'),
              allow('sns:Publish', { Ref: 'Topic' }),
            ),
          },
        ],
      },
    },
    Key: {
      Type: 'AWS::KMS::Key',
      Properties: {
        KeyPolicy: document({ Effect: 'Allow', Principal: ROOT, Action: 'kms:*', Resource: '*' }),
      },
    },
    Items: {
      Type: 'AWS::DynamoDB::Table',
      Properties: {
        TableName: 'items',
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      },
    },
    Shelf: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'shelf' } },
    Vault: {
      Type: 'AWS::S3::Bucket',
      Properties: {
        BucketName: 'vault',
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [
            {
              ServerSideEncryptionByDefault: {
                SSEAlgorithm: 'aws:kms',
                KMSMasterKeyID: { 'Fn::GetAtt': ['Key', 'Arn'] },
              },
            },
          ],
        },
      },
    },
    VaultPolicy: {
      Type: 'AWS::S3::BucketPolicy',
      Properties: {
        Bucket: { Ref: 'Vault' },
        PolicyDocument: document({
          Effect: 'Allow',
          Principal: { AWS: { 'Fn::GetAtt': ['Role', 'Arn'] } },
          Action: 's3:GetObject',
          Resource: 'arn:aws:s3:::vault/*',
        }),
      },
    },
    Topic: {
      Type: 'AWS::SNS::Topic',
      Properties: { TopicName: 'news', KmsMasterKeyId: { 'Fn::GetAtt': ['Key', 'Arn'] } },
    },
    Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'letters' } },
  },
};

describe('a role', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-refusals-'));
  let cloud: Cloud;
  let config: { endpoint: string; region: string; credentials: Credentials; maxAttempts: number };
  let person: typeof config;

  interface Credentials {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  }

  const assume = async (role: string, seconds = 3_600): Promise<{ status: number; text: string }> => {
    const answer = await signedFetch({ cloud, clientConfig: person, fetch } as never, {
      service: 'sts',
      method: 'POST',
      url: `${cloud.endpoint}/`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `Action=AssumeRole&Version=2011-06-15&RoleArn=arn:aws:iam::${ACCOUNT}:role/${role}&RoleSessionName=test&DurationSeconds=${seconds}`,
    });
    return { status: answer.status, text: await answer.text() };
  };

  beforeAll(async () => {
    const assemblyFolder = join(folder, 'cdk.out');
    mkdirSync(assemblyFolder);
    const artifact = { type: 'aws:cloudformation:stack', properties: { templateFile: 'S.template.json' } };
    writeFileSync(join(assemblyFolder, 'manifest.json'), JSON.stringify({ artifacts: { S: artifact } }));
    writeFileSync(join(assemblyFolder, 'S.template.json'), JSON.stringify(TEMPLATE));
    cloud = await startCloud({ assemblyFolder, stateFolder: join(folder, 'state'), startMs: START_MS });
    const base = { endpoint: cloud.endpoint, region: 'us-east-1', maxAttempts: 1 };
    person = { ...base, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
    const { text } = await assume('reader');
    const field = (name: string): string => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1] ?? '';
    const sessionToken = field('SessionToken');
    config = {
      ...base,
      credentials: { accessKeyId: field('AccessKeyId'), secretAccessKey: field('SecretAccessKey'), sessionToken },
    };
    const s3 = new S3Client({ ...person, forcePathStyle: true });
    for (const [Bucket, Key] of [
      ['shelf', 'open/a'],
      ['shelf', 'closed/a'],
      ['vault', 'a'],
    ]) {
      await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
    }
  });
  afterAll(async () => {
    await cloud.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const refused = (action: string, resource: string): string =>
    `User: ${USER} is not authorized to perform: ${action}${resource === '' ? '' : ` on resource: ${resource}`} because no identity-based policy allows the ${action} action`;
  const failure = async (call: Promise<unknown>) => {
    const error = (await call.then(
      () => new Error('it was allowed'),
      (thrown: unknown) => thrown,
    )) as Error & { readonly $metadata?: { readonly httpStatusCode?: number } };
    return { name: error.name, status: error.$metadata?.httpStatusCode, message: error.message };
  };
  const key = { TableName: 'items', Key: { pk: { S: 'a' } } };

  it('does what its policy allows', async () => {
    const dynamodb = new DynamoDBClient(config);

    expect(await dynamodb.send(new GetItemCommand(key))).toMatchObject({ $metadata: { httpStatusCode: 200 } });
  });

  it('is refused by DynamoDB, in a transaction item by item', async () => {
    const dynamodb = new DynamoDBClient(config);
    const put = { TableName: 'items', Item: { pk: { S: 'a' } } };
    const update = { ...key, UpdateExpression: 'SET n = :n', ExpressionAttributeValues: { ':n': { N: '1' } } };
    const TransactItems = [{ Update: update }, { Put: { ...put, Item: { pk: { S: 'b' } } } }];
    const expected = { name: 'AccessDeniedException', status: 400, message: refused('dynamodb:PutItem', TABLE) };

    expect(await failure(dynamodb.send(new PutItemCommand(put)))).toEqual(expected);
    expect(await failure(dynamodb.send(new TransactWriteItemsCommand({ TransactItems })))).toEqual(expected);
    expect((await dynamodb.send(new GetItemCommand(key))).Item).toBeUndefined();
  });

  it('is refused by S3: another prefix, a missing key of a bucket that it may not list, a copy from elsewhere', async () => {
    const s3 = new S3Client({ ...config, forcePathStyle: true });
    const get = (Key: string) => failure(s3.send(new GetObjectCommand({ Bucket: 'shelf', Key })));
    const copy = new CopyObjectCommand({ Bucket: 'shelf', Key: 'open/b', CopySource: 'shelf/closed/a' });
    const denied = (action: string, arn: string) => ({
      name: 'AccessDenied',
      status: 403,
      message: refused(action, `"${arn}"`),
    });

    expect(await get('closed/a')).toEqual(denied('s3:GetObject', 'arn:aws:s3:::shelf/closed/a'));
    expect(await get('open/none')).toEqual(denied('s3:ListBucket', 'arn:aws:s3:::shelf'));
    expect(await failure(s3.send(copy))).toEqual(denied('s3:GetObject', 'arn:aws:s3:::shelf/closed/a'));
  });

  it('is refused the key of an object that the bucket would give it', async () => {
    const s3 = new S3Client({ ...config, forcePathStyle: true });
    const { name, message } = await failure(s3.send(new GetObjectCommand({ Bucket: 'vault', Key: 'a' })));

    expect(name).toBe('AccessDenied');
    expect(message).toMatch(/is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:us-east-1:0+:key\//);
  });

  it('is refused the key of a topic that it may publish to', async () => {
    const sns = new SNSClient(config);
    const TopicArn = `arn:aws:sns:us-east-1:${ACCOUNT}:news`;
    const { name, status, message } = await failure(sns.send(new PublishCommand({ TopicArn, Message: 'x' })));

    expect([name, status]).toEqual(['KMSAccessDeniedException', 400]);
    expect(message).toContain('is not authorized to perform: kms:GenerateDataKey');
  });

  it('is refused by every other service by its own code', async () => {
    const arn = (service: string, rest: string): string => `arn:aws:${service}:us-east-1:${ACCOUNT}:${rest}`;
    const QueueUrl = `${cloud.endpoint}/${ACCOUNT}/letters`;
    const Target = { Arn: arn('sqs', 'letters'), RoleArn: `arn:aws:iam::${ACCOUNT}:role/reader` };
    const schedule = {
      Name: 's',
      ScheduleExpression: 'rate(1 hour)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target,
    } as const;
    const stateMachineArn = arn('states', 'stateMachine:m');
    const window = { StartTime: new Date(START_MS), EndTime: new Date(START_MS + HOUR_MS), MetricDataQueries: [] };
    const Entries = [{ Source: 'a', DetailType: 'b', Detail: '{}' }];
    const answers = [
      await failure(new SQSClient(config).send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }))),
      await failure(new LambdaClient(config).send(new InvokeCommand({ FunctionName: 'f' }))),
      await failure(new SchedulerClient(config).send(new CreateScheduleCommand(schedule))),
      await failure(new SFNClient(config).send(new StartExecutionCommand({ stateMachineArn }))),
      await failure(new EventBridgeClient(config).send(new PutEventsCommand({ Entries }))),
      await failure(new CloudWatchClient(config).send(new GetMetricDataCommand(window))),
    ];

    expect(answers).toEqual([
      { name: 'AccessDenied', status: 403, message: refused('sqs:sendmessage', arn('sqs', 'letters')) },
      {
        name: 'AccessDeniedException',
        status: 403,
        message: refused('lambda:InvokeFunction', arn('lambda', 'function:f')),
      },
      {
        name: 'AccessDeniedException',
        status: 403,
        message: refused('scheduler:CreateSchedule', arn('scheduler', 'schedule/default/s')),
      },
      { name: 'AccessDeniedException', status: 400, message: refused('states:StartExecution', stateMachineArn) },
      {
        name: 'AccessDeniedException',
        status: 400,
        message: refused('events:PutEvents', arn('events', 'event-bus/default')),
      },
      { name: 'AccessDenied', status: 403, message: refused('cloudwatch:GetMetricData', '') },
    ]);
  });

  it('is not lent to whom it does not trust, and not for longer than asked', async () => {
    const dynamodb = new DynamoDBClient(config);
    expect(await assume('nobody')).toMatchObject({ status: 403, text: expect.stringContaining('sts:AssumeRole') });

    await cloud.clock.advanceBy(HOUR_MS);

    expect(await failure(dynamodb.send(new GetItemCommand(key)))).toMatchObject({
      name: 'ExpiredTokenException',
      message: 'The security token included in the request is expired',
    });
  });
});
