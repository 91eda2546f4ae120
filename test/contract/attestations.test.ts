import { afterAll, beforeAll, expect, it } from 'vitest';
import { createAttestations } from '../../shared/adapters/dynamodb/attestations.ts';
import { createAuditReader } from '../../shared/adapters/dynamodb/audit-log.ts';
import { createModelRegistry } from '../../shared/adapters/dynamodb/model-registry.ts';
import { attest } from '../../shared/core/ml-test-score/index.ts';
import { type RegistryTables, startRegistryTables } from '../helpers/registry-tables.ts';

let tables: RegistryTables;
beforeAll(async () => {
  tables = await startRegistryTables();
  const version = {
    model: 'toy',
    runId: 'run-1',
    owner: 'ann',
    principal: 'workflow:train-toy',
    modelDigest: 'd',
    artifactPrefix: 'models/toy/d/',
    manifestDigest: 'm',
    metrics: {},
    trainedThroughMs: 1,
    datasetSnapshot: 's',
    registeredAtMs: 1,
  };
  await createModelRegistry(tables).registerVersion(version, 10_000);
});
afterAll(() => tables.stop());

const word = (item: string, requestId: string, atMs = 5) =>
  attest({ item, note: `${requestId} was looked at`, by: 'ann', atMs, requestId });

it('the newest word on an item stands, each on record once, however often a call comes', async () => {
  const attestations = createAttestations(tables);

  await attestations.put('toy', word('data-5', 'first'));
  const again = await Promise.all([6, 7, 8].map((atMs) => attestations.put('toy', word('data-4', 'second', atMs))));
  await attestations.put('toy', word('data-5', 'third', 9));

  expect(new Set(again.map(({ atMs }) => atMs)).size).toBe(1);
  expect(await attestations.list('toy')).toEqual([again[0], word('data-5', 'third', 9)]);
  const { items } = await createAuditReader(tables.client, tables.audit.table).listRecords('toy', 20);
  const records = items.flatMap(({ record }) => (record?.action === 'attest test' ? [record] : []));
  expect(
    records.map(({ principal, reason, before, after }) => [principal, reason, before?.requestId, after?.item]),
  ).toEqual([
    ['ann', 'first was looked at', undefined, 'data-5'],
    ['ann', 'second was looked at', undefined, 'data-4'],
    ['ann', 'third was looked at', 'first', 'data-5'],
  ]);
});

it('nobody vouches for a model that is not registered', async () => {
  const attestations = createAttestations(tables);

  await expect(attestations.put('other', word('data-5', 'first'))).rejects.toMatchObject({ name: 'NotFoundError' });
  expect(await attestations.list('other')).toEqual([]);
});
