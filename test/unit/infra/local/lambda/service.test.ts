import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateAliasCommand,
  DeleteFunctionCommand,
  GetAliasCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  ListVersionsByFunctionCommand,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
  PutFunctionEventInvokeConfigCommand,
  UpdateAliasCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { VirtualClock } from '../../../../../infra/local/clock.ts';
import type { CreateService, ResourceContext } from '../../../../../infra/local/contracts.ts';
import { createCredentialStore } from '../../../../../infra/local/iam/credentials.ts';
import { createLambdaService } from '../../../../../infra/local/lambda/service.ts';
import {
  type LocalServiceOptions,
  type StartedService,
  startLocalService,
  TEST_START_MS,
} from '../../../../helpers/local-service.ts';

const SOURCE = `
let count = 0;
exports.handler = async (event, context) => {
  count += 1;
  if (event.say) console.log(event.say);
  if (event.fail) throw Object.assign(new Error('it broke'), { name: event.fail });
  if (event.hang) for (;;);
  if (event.exit) process.exit(1);
  if (event.waitMs) await new Promise((resolve) => setTimeout(resolve, event.waitMs));
  return { count, now: new Date().toISOString(), version: context.functionVersion, arn: context.invokedFunctionArn,
    model: process.env.MODEL, key: process.env.AWS_ACCESS_KEY_ID, onnx: typeof require('onnxruntime-node').InferenceSession };
};`;

let assets = '';
/** Assets that the newest synthesis no longer holds. */
const withdrawn = new Set<string>();
let local: StartedService | undefined;
beforeAll(() => {
  assets = mkdtempSync(join(tmpdir(), 'lambda-assets-'));
  for (const [digest, source] of [
    ['aa11', SOURCE],
    ['bb22', SOURCE.replace('it broke', 'it broke anew')],
    ['cc33', 'throw new Error("no start");'],
  ]) {
    mkdirSync(join(assets, digest!));
    writeFileSync(join(assets, digest!, 'index.js'), source!);
  }
});
afterAll(() => rmSync(assets, { recursive: true, force: true }));
afterEach(async () => {
  withdrawn.clear();
  await local?.stop();
  local = undefined;
});

const service: CreateService = (context) =>
  createLambdaService({
    credentials: createCredentialStore(context.store, context),
    sharedClock: (context.clock as VirtualClock).shared,
    assetPath: (key) => (withdrawn.has(key) ? undefined : join(assets, key.replace('.zip', ''))),
    nodePath: join(process.cwd(), 'node_modules'),
  })(context);

const properties = (more: Readonly<Record<string, unknown>> = {}, asset = 'aa11'): ResourceContext['properties'] => ({
  FunctionName: 'infer',
  Handler: 'index.handler',
  Runtime: 'nodejs24.x',
  Role: 'arn:aws:iam::000000000000:role/infer',
  Code: { S3Bucket: 'assets', S3Key: `${asset}.zip` },
  Timeout: 2,
  ...more,
});

const resource = (given: ResourceContext['properties'], logicalId = 'Infer'): ResourceContext => ({
  stackName: 'S',
  logicalId,
  properties: given,
  generatedName: `S-${logicalId}-X`,
});

const start = async (given = properties(), options: LocalServiceOptions = {}): Promise<LambdaClient> => {
  local = await startLocalService(service, options);
  await local.services[0]!.resources['AWS::Lambda::Function']!.create(resource(given));
  return new LambdaClient(local.clientConfig);
};

const invoke = async (
  client: LambdaClient,
  event: unknown,
  more: { Qualifier?: string; InvocationType?: 'Event'; LogType?: 'Tail' } = {},
) => {
  const answer = await client.send(
    new InvokeCommand({ FunctionName: 'infer', Payload: JSON.stringify(event), ...more }),
  );
  const text = answer.Payload?.transformToString() ?? '';
  return { ...answer, body: (text === '' ? undefined : JSON.parse(text)) as Record<string, unknown> };
};

const update = async (client: LambdaClient, variables: Record<string, string>, RevisionId?: string) => {
  const answer = await client.send(
    new UpdateFunctionConfigurationCommand({
      FunctionName: 'infer',
      Environment: { Variables: variables },
      ...(RevisionId ? { RevisionId } : {}),
    }),
  );
  await local!.clock.advanceBy(1_000);
  return answer;
};

test('runs the bundle with module state kept, virtual time shown and native packages found', async () => {
  const client = await start();

  const first = await invoke(client, {});
  await local!.clock.advanceBy(3_600_000);
  const second = await invoke(client, {});

  expect(first.body).toMatchObject({ count: 1, now: '2001-01-01T00:00:00.000Z', version: '$LATEST', onnx: 'function' });
  expect(first.body.key).toMatch(/^ASIA/);
  expect(second.body).toMatchObject({ count: 2, now: '2001-01-01T01:00:00.000Z' });
  expect(second.ExecutedVersion).toBe('$LATEST');
});

test('tells a failed function by its error name and keeps the environment', async () => {
  const client = await start();

  const failed = await invoke(client, { fail: 'ConflictError', say: '{"a":1}' }, { LogType: 'Tail' });
  const after = await invoke(client, {});

  expect(failed.FunctionError).toBe('Unhandled');
  expect(failed.body).toMatchObject({ errorType: 'ConflictError', errorMessage: 'it broke' });
  expect(Buffer.from(failed.LogResult ?? '', 'base64').toString()).toContain('{"a":1}\n');
  expect(after.body.count).toBe(2);
  expect(local!.recorded.metrics.filter(({ name }) => name === 'Errors').map(({ value }) => value)).toEqual([
    1, 1, 0, 0,
  ]);
});

test('ends a function that hangs at its time-out, one that exits, and one that does not start', async () => {
  const client = await start(properties({ Timeout: 1 }));

  expect((await invoke(client, { hang: true })).body.errorMessage).toContain('Task timed out after 1.00 seconds');
  expect((await invoke(client, { exit: true })).body.errorType).toBe('Runtime.ExitError');
  expect((await invoke(client, {})).body.count).toBe(1);

  await local!.services[0]!.resources['AWS::Lambda::Function']!.create(
    resource(properties({ FunctionName: 'broken' }, 'cc33'), 'Broken'),
  );
  const broken = await client.send(new InvokeCommand({ FunctionName: 'broken' }));
  expect(JSON.parse(broken.Payload!.transformToString())).toMatchObject({
    errorType: 'Error',
    errorMessage: 'no start',
  });
});

test('publishes gaplessly, gives the same version when nothing changed, and obeys RevisionId and CodeSha256', async () => {
  const client = await start();
  const publish = (more: object = {}) => client.send(new PublishVersionCommand({ FunctionName: 'infer', ...more }));

  const bootstrap = await publish();
  const again = await publish();
  const updated = await update(client, { MODEL: 'v2' });
  const second = await publish({ RevisionId: updated.RevisionId, CodeSha256: updated.CodeSha256 });

  expect([bootstrap.Version, again.Version, second.Version]).toEqual(['1', '1', '2']);
  await expect(publish({ RevisionId: bootstrap.RevisionId })).rejects.toMatchObject({
    name: 'PreconditionFailedException',
  });
  await expect(publish({ CodeSha256: 'other' })).rejects.toMatchObject({ name: 'InvalidParameterValueException' });
  await expect(update(client, {}, bootstrap.RevisionId)).rejects.toMatchObject({ name: 'PreconditionFailedException' });
  expect((await invoke(client, {}, { Qualifier: '2' })).body).toMatchObject({ model: 'v2', version: '2' });
  expect((await invoke(client, {}, { Qualifier: '1' })).body.model).toBeUndefined();
});

test('refuses to publish while an update is in progress', async () => {
  const client = await start();
  await client.send(
    new UpdateFunctionConfigurationCommand({ FunctionName: 'infer', Environment: { Variables: { MODEL: 'v2' } } }),
  );

  await expect(client.send(new PublishVersionCommand({ FunctionName: 'infer' }))).rejects.toMatchObject({
    name: 'ResourceConflictException',
  });
  expect((await client.send(new GetFunctionConfigurationCommand({ FunctionName: 'infer' }))).LastUpdateStatus).toBe(
    'InProgress',
  );
});

test('splits the traffic of a weighted alias by its weights and names the version that ran', async () => {
  const client = await start();
  await client.send(new PublishVersionCommand({ FunctionName: 'infer' }));
  await update(client, { MODEL: 'v2' });
  await client.send(new PublishVersionCommand({ FunctionName: 'infer' }));
  const alias = await client.send(
    new CreateAliasCommand({ FunctionName: 'infer', Name: 'live', FunctionVersion: '1' }),
  );
  await client.send(
    new UpdateAliasCommand({
      FunctionName: 'infer',
      Name: 'live',
      RoutingConfig: { AdditionalVersionWeights: { 2: 0.25 } },
      RevisionId: alias.RevisionId,
    }),
  );

  const versions: (string | undefined)[] = [];
  for (let i = 0; i < 200; i++) versions.push((await invoke(client, {}, { Qualifier: 'live' })).ExecutedVersion);

  expect(versions.filter((version) => version === '2').length).toBeGreaterThan(30);
  expect(versions.filter((version) => version === '2').length).toBeLessThan(70);
  expect(local!.recorded.metrics).toContainEqual(
    expect.objectContaining({
      name: 'Invocations',
      dimensions: { FunctionName: 'infer', Resource: 'infer:live', ExecutedVersion: '2' },
    }),
  );
  await expect(client.send(new DeleteFunctionCommand({ FunctionName: 'infer', Qualifier: '2' }))).rejects.toMatchObject(
    { name: 'ResourceConflictException' },
  );
  const weightless = client.send(
    new UpdateAliasCommand({
      FunctionName: 'infer',
      Name: 'live',
      RoutingConfig: { AdditionalVersionWeights: { 2: 1.5 } },
    }),
  );
  await expect(weightless).rejects.toMatchObject({ name: 'InvalidParameterValueException' });
});

test('retries a failed event after one and two minutes, then hands it to the destination and the dead-letter queue', async () => {
  const client = await start(
    properties({ DeadLetterConfig: { TargetArn: 'arn:aws:sqs:us-east-1:000000000000:dead' } }),
  );
  await client.send(
    new PutFunctionEventInvokeConfigCommand({
      FunctionName: 'infer',
      DestinationConfig: { OnFailure: { Destination: 'arn:aws:sns:us-east-1:000000000000:failed' } },
    }),
  );

  expect((await invoke(client, { fail: 'Broken' }, { InvocationType: 'Event' })).StatusCode).toBe(202);
  await local!.clock.runUntil(() => local!.recorded.deliveries.length === 2, TEST_START_MS + 3_600_000);

  expect(local!.clock.nowMs() - TEST_START_MS).toBe(180_000);
  expect(local!.recorded.metrics.filter(({ name }) => name === 'Invocations')).toHaveLength(6);
  const [destination, deadLetter] = local!.recorded.deliveries;
  expect(JSON.parse(destination!.payload)).toMatchObject({
    requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 3 },
    requestPayload: { fail: 'Broken' },
    responsePayload: { errorType: 'Broken' },
  });
  expect(deadLetter).toMatchObject({ targetArn: expect.stringContaining(':dead'), payload: '{"fail":"Broken"}' });
});

test('keeps accepted events over the death of the process', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lambda-state-'));
  const client = await start(properties(), { folder, durable: true });
  await invoke(client, { fail: 'Broken' }, { InvocationType: 'Event' });
  await local!.clock.settle();
  await local!.stop();

  local = await startLocalService(service, { folder, durable: true, startMs: TEST_START_MS + 1_000 });
  await local.clock.advanceBy(60_000);

  expect(local.recorded.metrics.filter(({ name }) => name === 'Errors')).toHaveLength(2);
  await local.stop();
  local = undefined;
  rmSync(folder, { recursive: true });
});

test('throttles above the reserved concurrency and lets the queue wait for it', async () => {
  const client = await start();
  await client.send(new PutFunctionConcurrencyCommand({ FunctionName: 'infer', ReservedConcurrentExecutions: 1 }));

  const busy = invoke(client, { waitMs: 100 });
  await new Promise((resolve) => setTimeout(resolve, 30));
  const refused = await invoke(client, {}).catch((error: unknown) => error);

  expect(refused).toMatchObject({
    name: 'TooManyRequestsException',
    Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
  });
  expect((await busy).body.count).toBe(1);
});

test('refuses what it does not know by name', async () => {
  const client = await start();

  await expect(invoke(client, {}, { Qualifier: 'live' })).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  await expect(client.send(new GetAliasCommand({ FunctionName: 'none', Name: 'x' }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
  const snapStart = local!.services[0]!.resources['AWS::Lambda::Function']!.create(
    resource(properties({ SnapStart: { ApplyOn: 'PublishedVersions' } })),
  );
  await expect(snapStart).rejects.toMatchObject({
    code: 'UnsupportedProperty',
    message: expect.stringContaining('SnapStart'),
  });
});

test('a deploy of new code keeps the environment that was written at run time, one of new variables replaces it', async () => {
  const client = await start();
  const { update: updateFunction } = local!.services[0]!.resources['AWS::Lambda::Function']!;
  await client.send(new PublishVersionCommand({ FunctionName: 'infer' }));
  await update(client, { MODEL: 'v7' });

  withdrawn.add('aa11.zip');
  await updateFunction({ ...resource(properties({}, 'bb22')), physicalId: 'infer', previousProperties: properties() });
  const afterCode = await invoke(client, { fail: 'X' });
  const model = (await invoke(client, {})).body.model;
  await updateFunction({
    ...resource(properties({ Environment: { Variables: { A: '1' } } }, 'bb22')),
    physicalId: 'infer',
    previousProperties: properties({}, 'bb22'),
  });

  expect(afterCode.body.errorMessage).toBe('it broke anew');
  expect(model).toBe('v7');
  expect((await invoke(client, {})).body.model).toBeUndefined();
  expect((await invoke(client, { fail: 'X' }, { Qualifier: '1' })).body.errorMessage).toBe('it broke');
  expect(
    (await client.send(new ListVersionsByFunctionCommand({ FunctionName: 'infer' }))).Versions?.map(
      ({ Version }) => Version,
    ),
  ).toEqual(['$LATEST', '1']);
});
