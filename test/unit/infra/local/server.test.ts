import { DynamoDBClient, GetItemCommand, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, expect, test } from 'vitest';
import { AwsError, type CreateService, type WireRequest } from '../../../../infra/local/contracts.ts';
import { createJsonHandler } from '../../../../infra/local/protocols/json.ts';
import { type StartedService, startLocalService } from '../../../helpers/local-service.ts';

let local: StartedService | undefined;
afterEach(async () => {
  await local?.stop();
  local = undefined;
});

const tables: CreateService = () => ({
  signingName: 'dynamodb',
  resources: {},
  handle: createJsonHandler({
    targetPrefix: 'DynamoDB_20120810',
    version: '1.0',
    errorNamespace: 'com.amazonaws.dynamodb.v20120810',
    operations: {
      ListTables: (_input, request) => ({ TableNames: [request.caller.arn] }),
      GetItem: () => {
        throw new AwsError('ResourceNotFoundException', 'Requested resource not found');
      },
    },
  }),
});

const objects =
  (seen: { request?: WireRequest; body?: string }): CreateService =>
  () => ({
    signingName: 's3',
    resources: {},
    handle: async (request) => {
      seen.request = request;
      seen.body = (await request.readBody()).toString();
      return { status: 200, headers: { etag: '"x"' }, body: 'content' };
    },
  });

test('serves a signed request of an SDK client and tells who called', async () => {
  local = await startLocalService(tables);

  const answer = await new DynamoDBClient(local.clientConfig).send(new ListTablesCommand({}));

  expect(answer.TableNames).toEqual(['arn:aws:iam::000000000000:user/local']);
});

test('answers an error by the name that the SDK knows', async () => {
  local = await startLocalService(tables);
  const client = new DynamoDBClient(local.clientConfig);

  const failure = await client.send(new GetItemCommand({ TableName: 't', Key: {} })).catch((error: unknown) => error);

  expect(failure).toMatchObject({ name: 'ResourceNotFoundException', message: 'Requested resource not found' });
});

test('refuses a wrong secret, an unknown key and a request without signature', async () => {
  local = await startLocalService(tables);
  const send = (accessKeyId: string, secretAccessKey: string): Promise<unknown> =>
    new DynamoDBClient({ ...local!.clientConfig, credentials: { accessKeyId, secretAccessKey } })
      .send(new ListTablesCommand({}))
      .catch((error: unknown) => error);

  expect(await send('local', 'wrong')).toMatchObject({ name: 'SignatureDoesNotMatch' });
  expect(await send('nobody', 'local')).toMatchObject({ name: 'UnrecognizedClientException' });
  expect((await fetch(local.endpoint, { method: 'POST', body: '{}' })).status).toBe(403);
});

test('accepts a role session only with its token', async () => {
  local = await startLocalService(tables);
  const issued = local.credentials.issue('arn:aws:iam::000000000000:role/infer', 'infer');
  const { accessKeyId, secretAccessKey, sessionToken = '' } = issued;
  const list = (credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }) =>
    new DynamoDBClient({ ...local!.clientConfig, credentials }).send(new ListTablesCommand({}));

  const answer = await list({ accessKeyId, secretAccessKey, sessionToken });

  expect(answer.TableNames).toEqual(['arn:aws:iam::000000000000:role/infer']);
  await expect(list({ accessKeyId, secretAccessKey })).rejects.toMatchObject({ name: 'UnrecognizedClientException' });
});

test('verifies S3 signatures over keys with reserved characters and queries', async () => {
  const seen: { request?: WireRequest; body?: string } = {};
  local = await startLocalService(objects(seen));
  const client = new S3Client({ ...local.clientConfig, forcePathStyle: true });

  await client.send(new PutObjectCommand({ Bucket: 'b', Key: "day=2001-01-01/a b+c!(1)'~*.txt", Body: 'hello' }));
  await client.send(
    new GetObjectCommand({ Bucket: 'b', Key: 'a/b', VersionId: 'v+1=', ResponseContentType: 'text/plain' }),
  );

  expect(seen.request?.url.searchParams.get('versionId')).toBe('v+1=');
});

test('refuses an unknown service and an unknown operation by name', async () => {
  local = await startLocalService(objects({}));
  const noService = new DynamoDBClient(local.clientConfig).send(new ListTablesCommand({}));
  await expect(noService).rejects.toMatchObject({
    name: 'UnknownServiceException',
    message: expect.stringContaining('dynamodb'),
  });
});
