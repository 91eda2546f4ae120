import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CreateService } from '../../../../../infra/local/contracts.ts';
import { createCredentialStore } from '../../../../../infra/local/iam/credentials.ts';
import type { RoleRecord } from '../../../../../infra/local/iam/resources.ts';
import { createStsService } from '../../../../../infra/local/iam/service.ts';
import { openStateStore } from '../../../../../infra/local/state-store.ts';
import { type StartedService, startLocalService } from '../../../../helpers/local-service.ts';

let local: StartedService;
const service: CreateService = (context) => createStsService(createCredentialStore(context.store, context))(context);
beforeEach(async () => {
  local = await startLocalService(service);
});
afterEach(() => local.stop());

const hasher = function (this: unknown, secret?: string | Uint8Array) {
  const hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret);
  return { update: (data: Uint8Array) => void hash.update(data), digest: async () => hash.digest() };
};

interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

const sts = async (
  form: string,
  credentials: Keys = { accessKeyId: 'local', secretAccessKey: 'local' },
): Promise<string> => {
  const signer = new SignatureV4({ service: 'sts', region: 'us-east-1', credentials, sha256: hasher as never });
  const { host, hostname, port } = new URL(local.endpoint);
  const headers = { host, 'content-type': 'application/x-www-form-urlencoded' };
  const body = `${form}&Version=2011-06-15`;
  const request = { method: 'POST', protocol: 'http:', hostname, port: Number(port), path: '/', headers, body };
  const signed = await signer.sign(request as Parameters<typeof signer.sign>[0]);
  return (
    await fetch(local.endpoint, { method: 'POST', headers: (signed as unknown as typeof request).headers, body })
  ).text();
};

const field = (xml: string, name: string): string => new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? '';

const READ = { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' };

const createRole = () =>
  local.services[0]!.resources['AWS::IAM::Role']!.create({
    stackName: 'S',
    logicalId: 'Infer',
    generatedName: 'S-Infer-X',
    properties: {
      AssumeRolePolicyDocument: {
        Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
      },
      Policies: [{ PolicyName: 'read', PolicyDocument: { Statement: [READ] } }],
    },
  });

test('records a role with its resolved documents and gives the attributes of CloudFormation', async () => {
  const { physicalId, attributes } = await createRole();

  expect(physicalId).toBe('S-Infer-X');
  expect(attributes).toMatchObject({
    Arn: 'arn:aws:iam::000000000000:role/S-Infer-X',
    RoleId: expect.stringMatching(/^AROA/),
  });
  expect(local.store.table<RoleRecord>('iam-roles').get('S-Infer-X')?.inlinePolicies).toEqual({
    read: { Statement: [READ] },
  });
});

test('lends the session of a role, which then calls as the role, and refuses a role that does not exist', async () => {
  await createRole();
  const assume = (role: string) =>
    sts(`Action=AssumeRole&RoleArn=arn:aws:iam::000000000000:role/${role}&RoleSessionName=me`);

  const lent = await assume('S-Infer-X');
  const identity = await sts('Action=GetCallerIdentity', {
    accessKeyId: field(lent, 'AccessKeyId'),
    secretAccessKey: field(lent, 'SecretAccessKey'),
    sessionToken: field(lent, 'SessionToken'),
  });

  expect(field(lent, 'Expiration')).toBe('2001-01-01T01:00:00.000Z');
  expect(field(identity, 'Arn')).toBe('arn:aws:sts::000000000000:assumed-role/S-Infer-X/me');
  expect(field(await assume('none'), 'Code')).toBe('AccessDenied');
});

test('gives a role session the same credentials after a restart, and different ones in another cloud', () => {
  const identity = { partition: 'aws', accountId: '000000000000' } as const;
  const issue = (store = local.store) =>
    createCredentialStore(store, identity).issue('arn:aws:iam::000000000000:role/r', 's');
  const other = openStateStore({ folder: local.store.folder, inMemory: true });

  expect(issue()).toEqual(issue());
  expect(issue(other).secretAccessKey).not.toBe(issue().secretAccessKey);
  other.close();
});

test('tells the laptop’s user who it is', async () => {
  expect(field(await sts('Action=GetCallerIdentity'), 'Arn')).toBe('arn:aws:iam::000000000000:user/local');
});
