import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stageConfig } from '../../infra/aws/config.ts';
import { examine } from '../../infra/commands/doctor/examine.ts';
import { openStage } from '../../infra/commands/open-stage.ts';
import { promoteVersion } from '../../infra/commands/promote-version.ts';
import { createPlatform } from '../../infra/local/story/platform.ts';
import { assemble, startTestCloud, type TestCloud } from '../helpers/local-cloud.ts';
import { answering, openRolloutBench, rolloutDefinition } from '../helpers/rollout-bench.ts';
import { signedFetch } from '../helpers/signed-request.ts';

/** Two stages in one account: they share nothing, a version goes from one to the other, and one goes away. */

const definitions = [rolloutDefinition('toy')];
const SECOND = { ...stageConfig('dev'), account: '000000000000', region: 'us-east-1', nativeLayers: 'marker' } as const;
const PARTS = ['api', 'data', 'monitoring', 'serving', 'training'] as const;

let stateFolder: string;
let test: TestCloud;
let bench: ReturnType<typeof openRolloutBench>;
let second: string;

const open = (stage: string) => openStage(stage, { endpoint: test.cloud.endpoint, region: 'us-east-1' });
const secondPlatform = () =>
  createPlatform(test.api, {
    platform: (test.cloud.apis['millrace-dev-platform'] ?? '').replace(/\/$/, ''),
    predict: (test.cloud.apis['millrace-dev-predict'] ?? '').replace(/\/$/, ''),
  });

const promote = async (version: number) => {
  const [source, target] = [await open('local'), await open('dev')];
  try {
    return await promoteVersion({ model: 'toy', version }, source, target);
  } finally {
    source.close();
    target.close();
  }
};

/** CloudFormation's answer to a query, as text. */
const describe = async (action: string, parameters: Readonly<Record<string, string>>): Promise<string> => {
  const body = new URLSearchParams({ Action: action, Version: '2010-05-15', ...parameters }).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const request = { service: 'cloudformation', method: 'POST', url: `${test.cloud.endpoint}/`, headers, body } as const;
  return (await signedFetch(test, request)).text();
};
const statusOf = async (stackName: string): Promise<string | undefined> =>
  /<StackStatus>(\w+)/.exec(await describe('DescribeStacks', { StackName: stackName }))?.[1];

beforeAll(async () => {
  process.env.AWS_ACCESS_KEY_ID = 'local';
  process.env.AWS_SECRET_ACCESS_KEY = 'local';
  stateFolder = mkdtempSync(join(tmpdir(), 'millrace-stages-'));
  test = await startTestCloud({ assemblyFolder: await assemble(definitions), stateFolder });
  bench = openRolloutBench(test, stateFolder);
  await bench.serveFirst('toy');
  second = await assemble(definitions, '', SECOND);
}, 300_000);

afterAll(async () => {
  bench.close();
  await test.stop();
  rmSync(stateFolder, { recursive: true, force: true });
});

it('deploys a second stage beside the first and touches nothing of it', async () => {
  const before = await bench.inService('toy');

  const changes = await test.cloud.deploy(second);

  expect(Object.keys(changes).toSorted()).toEqual(PARTS.map((part) => `Millrace-dev-${part}`));
  expect(await bench.inService('toy')).toEqual(before);
  expect(await secondPlatform().versions('toy')).toEqual([]);
  for (const part of PARTS) {
    expect(await statusOf(`Millrace-local-${part}`)).toBe('CREATE_COMPLETE');
    expect(await statusOf(`Millrace-dev-${part}`)).toBe('CREATE_COMPLETE');
  }
}, 300_000);

it('is found sound by the doctor, which says what it cannot look at here', async () => {
  const findings = await examine({
    stage: stageConfig('local'),
    definitions,
    access: { endpoint: test.cloud.endpoint, region: 'us-east-1' },
    root: join(import.meta.dirname, '../..'),
    nodeVersion: process.version,
  });

  const byStatus = (status: string) => findings.filter((one) => one.status === status).map(({ check }) => check);
  expect(byStatus('fail')).toEqual([]);
  expect(byStatus('unknown')).toContain('bootstrap');
  expect(byStatus('ok')).toEqual(
    expect.arrayContaining([
      'credentials',
      'region',
      ...PARTS.map((part) => `stack Millrace-local-${part}`),
      'live toy',
    ]),
  );
});

it('promotes a version, which goes into service by the rules and the canary of its new stage', async () => {
  expect(await promote(1)).toMatchObject({ version: 1, step: 'ask' });

  const dev = secondPlatform();
  await dev.approve('toy', 1, 'it did well');
  await test.until('the promoted version is rolled out', async () =>
    (await dev.rollouts('toy')).some(({ status }) => status === 'PROMOTED'),
  );
  const answer = await dev.predict('toy', { features: { x: 0.9, kind: 'a' } });
  expect(answer).toMatchObject({ status: 200, body: { version: 1 } });
  expect(await dev.versions('toy')).toMatchObject([{ version: 1, origin: { stage: 'local', version: 1 } }]);
}, 300_000);

it('refuses to promote bytes that were tampered with, by name', async () => {
  const version = await bench.upload('toy', answering(2));
  await test.platform.approve('toy', version, 'tried by hand');
  const [, registered] = await test.platform.versions('toy');
  const source = await open('local');
  const key = `${registered?.artifactPrefix}model.onnx`;
  const sound = await source.artifacts.get(key);
  await source.artifacts.put(key, Buffer.from('another model'));

  await expect(promote(version)).rejects.toThrow(`local: ${key} has the digest`);

  await source.artifacts.put(key, sound);
  source.close();
  expect(await secondPlatform().versions('toy')).toHaveLength(1);
}, 300_000);

it('destroys a stage but for what holds work, takes that over again, and leaves the other stage alone', async () => {
  const before = await bench.inService('toy');

  const gone = await test.cloud.destroy();

  const retained = Object.values(gone).flatMap((stack) => stack.retained);
  expect(retained.map(({ type }) => type).toSorted()).toEqual([
    'AWS::ApiGateway::Account',
    'AWS::DynamoDB::Table',
    'AWS::DynamoDB::Table',
    'AWS::DynamoDB::Table',
    'AWS::DynamoDB::Table',
    'AWS::DynamoDB::Table',
    'AWS::IAM::Role',
    'AWS::KMS::Key',
    'AWS::S3::Bucket',
    'AWS::S3::Bucket',
    'AWS::S3::Bucket',
  ]);
  expect(await describe('DescribeStacks', { StackName: 'Millrace-dev-data' })).toContain(
    'Stack with id Millrace-dev-data does not exist',
  );
  expect(await bench.inService('toy')).toEqual(before);

  // Deployed again the stage begins anew …
  await test.cloud.deploy(second);
  expect(await secondPlatform().versions('toy')).toEqual([]);

  // … unless it takes over what was left.
  await test.cloud.destroy();
  const mapping = Object.fromEntries(retained.map(({ logicalId, physicalId }) => [logicalId, physicalId]));
  test.cloud.importResources(second, 'Millrace-dev-data', mapping);
  await test.cloud.deploy(second);
  expect(await secondPlatform().versions('toy')).toMatchObject([{ version: 1, status: 'APPROVED' }]);
}, 400_000);
