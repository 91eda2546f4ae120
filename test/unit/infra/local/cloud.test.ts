import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Cloud, startCloud } from '../../../../infra/local/cloud.ts';
import { createApiClient } from '../../../../infra/local/story/api-client.ts';

const START_MS = Date.UTC(2001, 0, 8);
const DIGEST = 'ab'.repeat(32);

/** Counts its calls in the table with the credentials of its role, and says what time it sees. */
const SOURCE = `
const { DynamoDBClient, UpdateItemCommand } = require('@aws-sdk/client-dynamodb');
const client = new DynamoDBClient({});
exports.handler = async (event) => {
  const answer = await client.send(new UpdateItemCommand({
    TableName: process.env.TABLE, Key: { pk: { S: 'calls' } }, UpdateExpression: 'ADD n :one',
    ExpressionAttributeValues: { ':one': { N: '1' } }, ReturnValues: 'ALL_NEW',
  }));
  return { statusCode: 200, body: JSON.stringify({ calls: Number(answer.Attributes.n.N), at: Date.now(), mark: process.env.MARK }) };
};`;

const arnOf = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });
const uri = (functionArn: unknown) => ({
  'Fn::Join': [
    '',
    [
      'arn:',
      { Ref: 'AWS::Partition' },
      ':apigateway:',
      { Ref: 'AWS::Region' },
      ':lambda:path/2015-03-31/functions/',
      functionArn,
      '/invocations',
    ],
  ],
});

const policy = (statement: object) => ({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] });

const templates = (mark: string) => ({
  Data: {
    Resources: {
      Table: {
        Type: 'AWS::DynamoDB::Table',
        DeletionPolicy: 'Retain',
        Properties: {
          KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
          AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
          BillingMode: 'PAY_PER_REQUEST',
        },
      },
    },
    Outputs: {
      TableName: { Value: { Ref: 'Table' }, Export: { Name: 'Data:Table' } },
      TableArn: { Value: arnOf('Table'), Export: { Name: 'Data:TableArn' } },
    },
  },
  Serving: {
    Resources: {
      Role: {
        Type: 'AWS::IAM::Role',
        Properties: {
          AssumeRolePolicyDocument: policy({
            Action: 'sts:AssumeRole',
            Principal: { Service: 'lambda.amazonaws.com' },
          }),
          Policies: [
            {
              PolicyName: 'count',
              PolicyDocument: policy({
                Action: 'dynamodb:UpdateItem',
                Resource: { 'Fn::ImportValue': 'Data:TableArn' },
              }),
            },
          ],
        },
      },
      Count: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          Code: { S3Bucket: 'assets', S3Key: `${DIGEST}.zip` },
          Environment: { Variables: { TABLE: { 'Fn::ImportValue': 'Data:Table' }, MARK: mark } },
          Handler: 'index.handler',
          Role: arnOf('Role'),
          Runtime: 'nodejs24.x',
          Timeout: 20,
          MemorySize: 512,
        },
      },
      Permission: {
        Type: 'AWS::Lambda::Permission',
        Properties: {
          Action: 'lambda:InvokeFunction',
          FunctionName: arnOf('Count'),
          Principal: 'apigateway.amazonaws.com',
        },
      },
      Api: { Type: 'AWS::ApiGateway::RestApi', Properties: { Name: 'counter' } },
      Method: {
        Type: 'AWS::ApiGateway::Method',
        Properties: {
          RestApiId: { Ref: 'Api' },
          ResourceId: { 'Fn::GetAtt': ['Api', 'RootResourceId'] },
          HttpMethod: 'GET',
          AuthorizationType: 'AWS_IAM',
          Integration: { Type: 'AWS_PROXY', IntegrationHttpMethod: 'POST', Uri: uri(arnOf('Count')) },
        },
      },
      Deployment: {
        Type: 'AWS::ApiGateway::Deployment',
        DependsOn: ['Method'],
        Properties: { RestApiId: { Ref: 'Api' } },
      },
      Stage: {
        Type: 'AWS::ApiGateway::Stage',
        Properties: { RestApiId: { Ref: 'Api' }, DeploymentId: { Ref: 'Deployment' }, StageName: 'v1' },
      },
    },
  },
});

let folder = '';
let cloud: Cloud | undefined;
let child: ChildProcess | undefined;

/** A synthesised app without the CDK: its manifest lists the depending stack first. */
const writeAssembly = (mark = 'first'): string => {
  const assembly = join(folder, `assembly-${mark}`);
  mkdirSync(join(assembly, `asset.${DIGEST}`), { recursive: true });
  writeFileSync(join(assembly, `asset.${DIGEST}`, 'index.js'), SOURCE);
  const assets = {
    files: {
      [DIGEST]: { source: { path: `asset.${DIGEST}` }, destinations: { here: { objectKey: `${DIGEST}.zip` } } },
    },
  };
  writeFileSync(join(assembly, 'assets.json'), JSON.stringify(assets));
  for (const [name, template] of Object.entries(templates(mark)))
    writeFileSync(join(assembly, `${name}.json`), JSON.stringify(template));
  const stack = (name: string, dependencies: readonly string[]) => ({
    type: 'aws:cloudformation:stack',
    properties: { templateFile: `${name}.json` },
    dependencies,
  });
  const artifacts = {
    Serving: stack('Serving', ['Data', 'Assets']),
    Data: stack('Data', []),
    Assets: { type: 'cdk:asset-manifest', properties: { file: 'assets.json' } },
  };
  writeFileSync(join(assembly, 'manifest.json'), JSON.stringify({ artifacts }));
  return assembly;
};

/** What the child says first. @throws with what it complained of, if it ends without a word */
const firstLineOf = (running: ChildProcessByStdio<null, Readable, Readable>): Promise<string> =>
  new Promise((resolve, reject) => {
    let complaint = '';
    running.stderr.on('data', (chunk) => {
      complaint += String(chunk);
    });
    running.stdout.once('data', (line) => resolve(String(line).trim()));
    running.once('error', reject);
    running.once('close', (code) => reject(new Error(`the cloud ended with ${code} before it was up: ${complaint}`)));
  });

const options = () => ({ assemblyFolder: writeAssembly(), stateFolder: join(folder, 'state'), startMs: START_MS });

const get = async (url: string) => {
  const client = createApiClient(
    { region: 'us-east-1', accessKeyId: 'local', secretAccessKey: 'local' },
    () => START_MS,
  );
  try {
    return (await client.call('GET', url)).body as {
      readonly calls: number;
      readonly at: number;
      readonly mark: string;
    };
  } finally {
    client.close();
  }
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cloud-'));
});
afterEach(async () => {
  child?.kill('SIGKILL');
  await cloud?.stop();
  cloud = undefined;
  rmSync(folder, { recursive: true, force: true });
});

test('brings a template up, serves its API and runs its function with its role at virtual time', async () => {
  cloud = await startCloud(options());
  const url = `${cloud.apis.counter}/`;

  const first = await get(url);
  await cloud.clock.advanceBy(86_400_000);
  const second = await get(url);

  expect(first).toEqual({ calls: 1, at: START_MS, mark: 'first' });
  expect(second).toEqual({ calls: 2, at: START_MS + 86_400_000, mark: 'first' });
  expect(cloud.outputs.Data?.TableName).toMatch(/^Data-Table-/);
  expect(cloud.authorizer.used()).toMatchObject({
    [`arn:aws:iam::000000000000:role/${roleName(cloud)}`]: ['dynamodb:UpdateItem'],
  });
});

const roleName = ({ authorizer }: Cloud): string =>
  Object.keys(authorizer.used())
    .find((arn) => arn.includes('role/Serving-Role-'))
    ?.split('/')[1] ?? '';

test('takes a changed template as an update and leaves what did not change alone', async () => {
  cloud = await startCloud(options());
  const url = `${cloud.apis.counter}/`;
  await get(url);

  const changes = await cloud.deploy(writeAssembly('second'));

  expect(changes).toEqual({
    Data: { created: [], updated: [], deleted: [] },
    Serving: { created: [], updated: ['Count'], deleted: [] },
  });
  expect(await get(url)).toMatchObject({ calls: 2, mark: 'second' });
});

test('goes on after a kill with the same data, API and time', async () => {
  const { assemblyFolder, stateFolder } = options();
  const script = `
    import { startCloud } from ${JSON.stringify(new URL('../../../../infra/local/cloud.ts', import.meta.url).href)};
    const cloud = await startCloud(${JSON.stringify({ assemblyFolder, stateFolder, startMs: START_MS })});
    await cloud.clock.advanceBy(3_600_000);
    console.log(cloud.apis.counter);`;
  const running = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child = running;
  const url = await firstLineOf(running);
  await get(`${url}/`);
  const gone = new Promise((resolve) => running.once('exit', resolve));
  running.kill('SIGKILL');
  await gone;

  cloud = await startCloud({ assemblyFolder, stateFolder, startMs: START_MS });

  expect(new URL(cloud.apis.counter ?? '').pathname).toBe(new URL(url).pathname);
  expect(await get(`${cloud.apis.counter}/`)).toEqual({ calls: 2, at: START_MS + 3_600_000, mark: 'first' });
});
