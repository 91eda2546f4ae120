import { rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  AddPermissionCommand,
  CreateAliasCommand,
  CreateFunctionCommand,
  DeleteFunctionCommand,
  GetAccountSettingsCommand,
  GetAliasCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  GetPolicyCommand,
  InvokeCommand,
  LambdaClient,
  ListTagsCommand,
  ListVersionsByFunctionCommand,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
  TagResourceCommand,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { VirtualClock } from '../../../infra/local/clock.ts';
import type { CreateService } from '../../../infra/local/contracts.ts';
import { createCredentialStore } from '../../../infra/local/iam/credentials.ts';
import { createLambdaService } from '../../../infra/local/lambda/service.ts';
import { type ContractTarget, ON_AWS, openContractTarget } from '../../helpers/contract-target.ts';
import { zip } from '../../helpers/zip.ts';

/** On AWS a function needs a role that Lambda may take: its ARN stands in TEST_LAMBDA_ROLE_ARN. */
const ROLE = ON_AWS ? process.env.TEST_LAMBDA_ROLE_ARN : 'arn:aws:iam::000000000000:role/function';

const SOURCE = `exports.handler = async (event, context) => {
  if (event.fail) throw Object.assign(new Error('it broke'), { name: 'Broken' });
  return { echo: event, version: context.functionVersion, model: process.env.MODEL };
};`;

let target: ContractTarget;
let client: LambdaClient;
const folders: string[] = [];
const lambda: CreateService = (context) => {
  folders.push(join(context.store.folder, 'lambda'));
  return createLambdaService({
    credentials: createCredentialStore(context.store, context),
    sharedClock: (context.clock as VirtualClock).shared,
    assetPath: () => undefined,
    nodePath: '',
  })(context);
};
beforeAll(async () => {
  target = await openContractTarget([lambda]);
  client = new LambdaClient(target.clientConfig);
});
afterAll(async () => {
  await target?.stop();
  client?.destroy();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const settled = (FunctionName: string) =>
  target.eventually(`${FunctionName} is settled`, async () => {
    const { State, LastUpdateStatus } = await client.send(new GetFunctionConfigurationCommand({ FunctionName }));
    return State === 'Active' && LastUpdateStatus === 'Successful';
  });

let count = 0;
const nextName = (): string => {
  count += 1;
  return `${target.prefix}-${count}`;
};

const createFunction = async (more: object = {}): Promise<string> => {
  const FunctionName = nextName();
  await client.send(
    new CreateFunctionCommand({
      FunctionName,
      Role: ROLE,
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Code: { ZipFile: zip({ 'index.js': SOURCE }) },
      ...more,
    }),
  );
  target.afterwards(() => client.send(new DeleteFunctionCommand({ FunctionName })));
  await settled(FunctionName);
  return FunctionName;
};

const invoke = async (FunctionName: string, event: unknown, more: object = {}) => {
  const answer = await client.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(event), ...more }));
  const text = answer.Payload?.transformToString() ?? '';
  return { ...answer, body: text === '' ? undefined : JSON.parse(text) };
};

describe.skipIf(ROLE === undefined)('functions', () => {
  it('run the code of their archive and tell a failure by its name', async () => {
    const name = await createFunction({ Environment: { Variables: { MODEL: 'a' } } });

    const answered = await invoke(name, { x: 1 });
    const failed = await invoke(name, { fail: true });

    expect(answered).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST' });
    expect(answered.body).toEqual({ echo: { x: 1 }, version: '$LATEST', model: 'a' });
    expect(failed).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' });
    expect(failed.body).toMatchObject({ errorType: 'Broken', errorMessage: 'it broke' });
  });

  it('refuse another of the same name, an archive that is none, reserved variables and a payload that is no JSON', async () => {
    const name = await createFunction();
    const create = (more: object) =>
      client.send(
        new CreateFunctionCommand({
          FunctionName: `${name}-refused`,
          Role: ROLE,
          Runtime: 'nodejs24.x',
          Handler: 'index.handler',
          Code: { ZipFile: zip({ 'index.js': SOURCE }) },
          ...more,
        }),
      );

    await expect(create({ FunctionName: name })).rejects.toMatchObject({
      name: 'ResourceConflictException',
      message: `Function already exist: ${name}`,
      $metadata: { httpStatusCode: 409 },
    });
    await expect(create({ Code: { ZipFile: Buffer.from('no archive') } })).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
      message: 'Could not unzip uploaded file. Please check your file, then try to upload again.',
    });
    await expect(create({ Environment: { Variables: { AWS_REGION: 'x' } } })).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
      message: expect.stringContaining('Reserved keys used in this request: AWS_REGION'),
    });
    await expect(client.send(new InvokeCommand({ FunctionName: name, Payload: '{no' }))).rejects.toMatchObject({
      name: 'InvalidRequestContentException',
    });
  });

  it('refuse payloads above 6 MB, or above 1 MB for events', async () => {
    const name = await createFunction();
    const text = (length: number) => JSON.stringify('x'.repeat(length));

    await expect(
      client.send(new InvokeCommand({ FunctionName: name, Payload: text(6_291_456) })),
    ).rejects.toMatchObject({ name: 'RequestTooLargeException', $metadata: { httpStatusCode: 413 } });
    await expect(
      client.send(new InvokeCommand({ FunctionName: name, InvocationType: 'Event', Payload: text(1_048_576) })),
    ).rejects.toMatchObject({ $metadata: { httpStatusCode: 413 } });
  });

  it('are updated one change at a time', async () => {
    const name = await createFunction();
    const update = (MODEL: string) =>
      client.send(
        new UpdateFunctionConfigurationCommand({ FunctionName: name, Environment: { Variables: { MODEL } } }),
      );

    const first = await update('b');
    const second = await update('c').catch((error: unknown) => error);
    await settled(name);

    expect(first.LastUpdateStatus).toBe('InProgress');
    expect(second).toMatchObject({
      name: 'ResourceConflictException',
      message: expect.stringContaining('An update is in progress for resource:'),
    });
    expect((await invoke(name, {})).body.model).toBe('b');
  });

  it('take new code, whose digest the answer tells', async () => {
    const name = await createFunction();
    const before = await client.send(new GetFunctionConfigurationCommand({ FunctionName: name }));

    const updated = await client.send(
      new UpdateFunctionCodeCommand({
        FunctionName: name,
        ZipFile: zip({ 'index.js': "exports.handler = async () => 'new';" }),
      }),
    );
    await settled(name);

    expect(updated.CodeSha256).not.toBe(before.CodeSha256);
    expect((await invoke(name, {})).body).toBe('new');
  });

  it('name what is not there', async () => {
    const name = `${target.prefix}-none`;

    await expect(client.send(new GetFunctionCommand({ FunctionName: name }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: expect.stringMatching(/^Function not found: arn:aws:lambda:[a-z0-9-]+:\d{12}:function:.*-none$/),
      $metadata: { httpStatusCode: 404 },
    });
  });

  it('have no concurrency when none is reserved to them', async () => {
    const name = await createFunction();
    await client.send(new PutFunctionConcurrencyCommand({ FunctionName: name, ReservedConcurrentExecutions: 0 }));

    await expect(invoke(name, {})).rejects.toMatchObject({
      name: 'TooManyRequestsException',
      Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
      $metadata: { httpStatusCode: 429 },
    });
  });

  it('share what reservations leave of the account', async () => {
    const name = await createFunction();
    const before = await client.send(new GetAccountSettingsCommand({}));
    await client.send(new PutFunctionConcurrencyCommand({ FunctionName: name, ReservedConcurrentExecutions: 1 }));
    const after = await client.send(new GetAccountSettingsCommand({}));
    const limit = before.AccountLimit?.ConcurrentExecutions ?? 0;
    const free = (before.AccountLimit?.UnreservedConcurrentExecutions ?? 0) - 1;

    expect(after.AccountLimit).toMatchObject({ ConcurrentExecutions: limit, UnreservedConcurrentExecutions: free });
    await expect(
      client.send(new PutFunctionConcurrencyCommand({ FunctionName: name, ReservedConcurrentExecutions: limit })),
    ).rejects.toMatchObject({ name: 'InvalidParameterValueException' });
  });

  it('keep their tags and their policy', async () => {
    const name = await createFunction({ Tags: { a: '1' } });
    const { FunctionArn: Resource } = await client.send(new GetFunctionConfigurationCommand({ FunctionName: name }));
    await client.send(new TagResourceCommand({ Resource, Tags: { b: '2' } }));
    const permit = () =>
      client.send(
        new AddPermissionCommand({
          FunctionName: name,
          StatementId: 'events',
          Action: 'lambda:InvokeFunction',
          Principal: 'events.amazonaws.com',
        }),
      );
    await permit();

    const { Policy = '' } = await client.send(new GetPolicyCommand({ FunctionName: name }));

    expect((await client.send(new ListTagsCommand({ Resource }))).Tags).toEqual({ a: '1', b: '2' });
    expect(JSON.parse(Policy).Statement).toMatchObject([
      { Sid: 'events', Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Resource },
    ]);
    await expect(permit()).rejects.toMatchObject({ name: 'ResourceConflictException' });
  });
});

describe.skipIf(ROLE === undefined)('versions and aliases', () => {
  it('are numbered without gaps, listed page by page, and not deleted while an alias points to them', async () => {
    const name = await createFunction();
    await client.send(new PublishVersionCommand({ FunctionName: name }));
    const same = await client.send(new PublishVersionCommand({ FunctionName: name }));
    await client.send(new UpdateFunctionConfigurationCommand({ FunctionName: name, Timeout: 5 }));
    await settled(name);
    await client.send(new PublishVersionCommand({ FunctionName: name }));
    await client.send(new CreateAliasCommand({ FunctionName: name, Name: 'live', FunctionVersion: '1' }));

    const first = await client.send(new ListVersionsByFunctionCommand({ FunctionName: name, MaxItems: 2 }));
    const second = await client.send(
      new ListVersionsByFunctionCommand({ FunctionName: name, MaxItems: 2, Marker: first.NextMarker }),
    );

    expect(same.Version).toBe('1');
    expect(first.Versions?.map(({ Version }) => Version)).toEqual(['$LATEST', '1']);
    expect(second.Versions?.map(({ Version }) => Version)).toEqual(['2']);
    await expect(client.send(new DeleteFunctionCommand({ FunctionName: name, Qualifier: '1' }))).rejects.toMatchObject({
      name: 'ResourceConflictException',
      $metadata: { httpStatusCode: 409 },
    });
  });

  it('move an alias only from the revision that was read', async () => {
    const name = await createFunction();
    await client.send(new PublishVersionCommand({ FunctionName: name }));
    const made = await client.send(
      new CreateAliasCommand({ FunctionName: name, Name: 'live', FunctionVersion: '1', Description: 'first' }),
    );
    const move = (RevisionId: string | undefined) =>
      client.send(
        new UpdateAliasCommand({
          FunctionName: name,
          Name: 'live',
          FunctionVersion: '1',
          Description: 'second',
          RevisionId,
        }),
      );

    await move(made.RevisionId);

    await expect(move(made.RevisionId)).rejects.toMatchObject({
      name: 'PreconditionFailedException',
      $metadata: { httpStatusCode: 412 },
    });
    expect(await client.send(new GetAliasCommand({ FunctionName: name, Name: 'live' }))).toMatchObject({
      Description: 'second',
      FunctionVersion: '1',
    });
    expect((await invoke(name, {}, { Qualifier: 'live' })).body.version).toBe('1');
    await expect(invoke(name, {}, { Qualifier: 'none' })).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});
