import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AttributeValue, DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { DeleteObjectCommand, ListObjectVersionsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadServedModel, type Pins, readPins } from '../../functions/infer/load-served-model.ts';
import { type OpenAudit, openAudit } from '../../infra/commands/open-audit.ts';
import { verifyStage } from '../../infra/commands/verify-audit.ts';
import { recordKey } from '../../shared/adapters/dynamodb/audit-keys.ts';
import { sha256 } from '../../shared/adapters/dynamodb/audit-log.ts';
import { versionKey } from '../../shared/adapters/dynamodb/keys.ts';
import { itemReader } from '../../shared/adapters/dynamodb/table.ts';
import { readVersionEvidence } from '../../shared/adapters/dynamodb/version-evidence.ts';
import { createModelRuntime } from '../../shared/adapters/onnx/model-runtime.ts';
import { createArtifactStore } from '../../shared/adapters/s3/artifact-store.ts';
import { toJsonFile } from '../../shared/contracts/json-file.ts';
import { type AuditRecord, linkRecord } from '../../shared/core/audit/index.ts';
import { DAY_MS } from '../../shared/kernel/time.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import { assemble, IN_ONE_PROCESS, startTestCloud, type TestCloud } from '../helpers/local-cloud.ts';
import { answering, openRolloutBench, rolloutDefinition } from '../helpers/rollout-bench.ts';

type Item = Record<string, AttributeValue>;

const FILES = ['model.onnx', 'signature.json', 'reference-profile.json', 'evaluation.json', 'manifest.json'] as const;

let test: TestCloud;
let bench: ReturnType<typeof openRolloutBench>;
let audit: OpenAudit;
let dynamodb: DynamoDBClient;
let s3: S3Client;
let artifacts: ArtifactStore;
let tables: { readonly registryTable: string; readonly auditTable: string };
let sealBucket: string;
let pins: Pins;
const stateFolder = mkdtempSync(join(tmpdir(), 'millrace-tamper-'));

const environmentOf = async (FunctionName: string, Qualifier?: string) => {
  const lambda = new LambdaClient(test.clientConfig);
  const what = { FunctionName, ...(Qualifier === undefined ? {} : { Qualifier }) };
  const { Environment } = await lambda.send(new GetFunctionConfigurationCommand(what));
  lambda.destroy();
  return Environment?.Variables ?? {};
};

beforeAll(async () => {
  const assemblyFolder = await assemble([rolloutDefinition('toy')]);
  test = await startTestCloud({ assemblyFolder, stateFolder, simulation: IN_ONE_PROCESS });
  bench = openRolloutBench(test, stateFolder);
  audit = await openAudit('local', test.clientConfig);
  dynamodb = new DynamoDBClient(test.clientConfig);
  s3 = new S3Client({ ...test.clientConfig, forcePathStyle: true });
  const extra = [
    ['reference-profile.json', toJsonFile({ features: [] })],
    ['evaluation.json', toJsonFile({ logLoss: 0.5 })],
  ] as const;
  const { status } = await bench.roll('toy', await bench.upload('toy', new Map([...answering(1), ...extra])));
  expect(status).toBe('PROMOTED');
  await test.cloud.clock.advanceBy(DAY_MS);

  const registering = await environmentOf('millrace-local-register-model-version');
  tables = { registryTable: registering.REGISTRY_TABLE ?? '', auditTable: registering.AUDIT_TABLE ?? '' };
  artifacts = createArtifactStore({ client: s3, bucket: registering.ARTIFACT_BUCKET ?? '' });
  sealBucket = (await environmentOf('millrace-local-seal-audit')).SEAL_BUCKET ?? '';
  pins = readPins(await environmentOf('millrace-local-infer-toy', 'live')) as Pins;
}, 120_000);

afterAll(async () => {
  for (const client of [dynamodb, s3]) client.destroy();
  audit.close();
  bench.close();
  await test.stop();
  rmSync(stateFolder, { recursive: true, force: true });
});

/** What a cold start does, in this process. */
const load = () =>
  loadServedModel(
    {
      model: 'toy',
      artifacts,
      runtime: createModelRuntime(),
      readEvidence: (version) => readVersionEvidence({ readItem: itemReader(dynamodb), ...tables }, 'toy', version),
    },
    pins,
  );

const findings = async (): Promise<readonly string[]> => {
  const messages: string[] = [];
  for await (const verdict of verifyStage(audit)) messages.push(...verdict.findings.map(({ message }) => message));
  return messages;
};

const getItem = async (TableName: string, { pk, sk }: { readonly pk: string; readonly sk: string }): Promise<Item> => {
  const Key = { pk: { S: pk }, sk: { S: sk } };
  return (await dynamodb.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }))).Item ?? {};
};
const putItem = (TableName: string, item: Item) => dynamodb.send(new PutItemCommand({ TableName, Item: item }));

/** Does something while an item is another one. */
const whileItemIs = async (table: string, standing: Item, changed: Item, check: () => Promise<void>): Promise<void> => {
  await putItem(table, changed);
  try {
    await check();
  } finally {
    await putItem(table, standing);
  }
};

const flipped = (bytes: Uint8Array, at: number): Uint8Array => bytes.with(at, (bytes[at] ?? 0) ^ 1);

/** The same value with one character of its text, or of the first text inside it, replaced. */
const oneCharacterChanged = (value: AttributeValue): AttributeValue => {
  const replaced = (text: string): string => {
    const last = text.at(-1) ?? '';
    return text.slice(0, -1) + (/\d/.test(last) ? String((Number(last) + 1) % 10) : last === 'x' ? 'y' : 'x');
  };
  if (value.S !== undefined) return { S: replaced(value.S) };
  if (value.N !== undefined) return { N: replaced(value.N) };
  const [[name, inner] = ['', { S: '' }]] = Object.entries(value.M ?? {});
  return { M: { ...value.M, [name]: oneCharacterChanged(inner) } };
};

describe('a version as it was registered', () => {
  it('loads, and nothing is found in its chain, its item, its files and the sealed heads', async () => {
    const verdicts = [];
    for await (const verdict of verifyStage(audit)) verdicts.push(verdict);

    expect(verdicts).toEqual([
      { model: 'toy', recordCount: 4, versionCount: 1, fileCount: FILES.length, sealedCount: 2, findings: [] },
    ]);
    expect((await load()).version).toBe(1);
  });

  it('has who did what on record, from its registration to its deployment', async () => {
    const { items } = await audit.log.listRecords('toy', 100);

    expect(items.map(({ record }) => [record?.action, record?.principal])).toEqual([
      ['register version', 'workflow:train-toy'],
      ['decide version', expect.stringContaining('arn:aws:')],
      ['start rollout', 'workflow:canary-rollout'],
      ['deploy version', 'workflow:canary-rollout'],
    ]);
  });
});

describe.each(FILES)('one byte changed in %s', (file) => {
  it.each(['first', 'middle', 'last'] as const)(
    '(the %s): it is not loaded, and the verifier names it',
    async (where) => {
      const key = `${pins.artifactPrefix}${file}`;
      const bytes = await artifacts.get(key);
      const at = { first: 0, middle: Math.floor(bytes.length / 2), last: bytes.length - 1 }[where];
      await artifacts.put(key, flipped(bytes, at));

      await expect(load()).rejects.toMatchObject({
        name: 'DigestMismatchError',
        message: expect.stringContaining(`${file} has digest`),
      });
      expect(await findings()).toContainEqual(expect.stringContaining(`${file} of version 1 was changed`));

      await artifacts.put(key, bytes);
      expect(await findings()).toEqual([]);
    },
  );
});

describe('one character changed in the version’s item', () => {
  it('in any attribute but notes: it is not loaded, and the verifier names the version', async () => {
    const item = await getItem(tables.registryTable, versionKey('model#toy', 1));
    const governed = Object.keys(item).filter((name) => !['pk', 'sk', 'updatedAtMs', 'stage'].includes(name));
    expect(governed).toEqual(expect.arrayContaining(['metrics', 'status', 'decidedBy', 'manifestDigest', 'runId']));

    for (const name of governed) {
      const changed = { ...item, [name]: oneCharacterChanged(item[name] as AttributeValue) };
      await whileItemIs(tables.registryTable, item, changed, async () => {
        await expect(load(), name).rejects.toMatchObject({ name: 'TamperedVersionError' });
        expect(await findings(), name).toContainEqual(expect.stringMatching(/version 1 was changed/));
      });
    }
    expect((await load()).version).toBe(1);
  }, 60_000);
});

describe('one character changed in an audit record', () => {
  it('in any attribute of any record: the verifier names it, and a version that it speaks of is not loaded', async () => {
    for (let seq = 1; seq <= 4; seq += 1) {
      const item = await getItem(tables.auditTable, recordKey('toy', seq));
      for (const name of Object.keys(item).filter((one) => one !== 'pk' && one !== 'sk')) {
        const changed = { ...item, [name]: oneCharacterChanged(item[name] as AttributeValue) };
        await whileItemIs(tables.auditTable, item, changed, async () => {
          expect((await findings()).join(), `${name} of ${seq}`).toContain(`record ${seq}`);
          // The newest record about the version is that of its approval.
          if (seq === 2) await expect(load(), name).rejects.toMatchObject({ name: 'TamperedVersionError' });
        });
      }
    }
    expect(await findings()).toEqual([]);
  }, 60_000);
});

describe('sealed heads', () => {
  const sealed = async () => {
    const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket: sealBucket }));
    return { versions: Versions, markers: DeleteMarkers };
  };

  it('are locked: nobody deletes one, and what is laid over it is told of', async () => {
    const { versions } = await sealed();
    const { Key, VersionId } = versions[0] ?? {};
    const remove = new DeleteObjectCommand({ Bucket: sealBucket, Key, VersionId });

    await expect(s3.send(remove)).rejects.toMatchObject({ name: 'AccessDenied' });
    const { VersionId: over } = await s3.send(new PutObjectCommand({ Bucket: sealBucket, Key, Body: '{}' }));

    expect(versions).toHaveLength(2);
    expect(await findings()).toEqual([`sealed head ${Key} has 1 later versions or delete markers over it`]);
    const bypass = { BypassGovernanceRetention: true };
    await s3.send(new DeleteObjectCommand({ Bucket: sealBucket, Key, VersionId: over, ...bypass }));
  });

  it('tell that a chain was written anew, with all its hashes made to fit', async () => {
    const originals: Item[] = [];
    for (let seq = 1; seq <= 4; seq += 1) originals.push(await getItem(tables.auditTable, recordKey('toy', seq)));
    const head = await getItem(tables.auditTable, { pk: 'chains', sk: 'toy' });
    const records: AuditRecord[] = [];
    for (const { record } of (await audit.log.listRecords('toy', 100)).items) {
      if (record !== undefined) records.push(linkRecord(records.at(-1), { ...record, principal: 'mallory' }, sha256));
    }
    for (const [i, item] of originals.entries()) {
      const { principal, previousHash, hash } = records[i] as AuditRecord;
      const changed = { principal: { S: principal }, previousHash: { S: previousHash }, hash: { S: hash } };
      await putItem(tables.auditTable, { ...item, ...changed });
    }
    await putItem(tables.auditTable, { ...head, hash: { S: records.at(-1)?.hash ?? '' } });

    expect(await findings()).toEqual([
      expect.stringMatching(/^record 3 is not the one that was sealed on \d{4}-/),
      expect.stringMatching(/^record 4 is not the one that was sealed on \d{4}-/),
    ]);

    for (const item of [...originals, head]) await putItem(tables.auditTable, item);
    expect(await findings()).toEqual([]);
  });
});

describe('a cold start of the endpoint', () => {
  it('refuses a model of which one byte was changed, and serves once it is whole again', async () => {
    const key = `${pins.artifactPrefix}reference-profile.json`;
    const bytes = await artifacts.get(key);
    await artifacts.put(key, flipped(bytes, 3));
    // By then the function has no environment left that holds the sound model.
    await test.cloud.clock.advanceBy(3 * DAY_MS);

    expect(Object.keys(await bench.ask('toy', 2))).toEqual(['502']);

    await artifacts.put(key, bytes);
    expect(await bench.ask('toy', 2)).toEqual({ 200: 2 });
  }, 60_000);
});
