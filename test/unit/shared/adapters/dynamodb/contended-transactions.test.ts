import {
  DynamoDBClient,
  GetItemCommand,
  TransactGetItemsCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { createModelRegistry } from '../../../../../shared/adapters/dynamodb/model-registry.ts';
import { linkRecord } from '../../../../../shared/core/audit/index.ts';

const dynamodb = mockClient(DynamoDBClient);
beforeEach(() => dynamodb.reset());

const pacing = { random: () => 0, sleep: async () => {}, elapsedMs: () => 0 };
const registry = createModelRegistry({
  client: new DynamoDBClient({ region: 'us-east-1' }),
  registryTable: 'registry',
  lineageTable: 'lineage',
  audit: { table: 'audit', link: linkRecord },
  pacing,
});
const registration = {
  model: 'toy',
  runId: 'run-1',
  owner: 'ann',
  principal: 'workflow:train',
  modelDigest: 'a'.repeat(64),
  artifactPrefix: 'models/toy/',
  manifestDigest: 'b'.repeat(64),
  metrics: {},
  trainedThroughMs: 1,
  datasetSnapshot: 's',
  registeredAtMs: 2,
};
const cancelled = (...codes: readonly string[]) =>
  new TransactionCanceledException({
    message: 'Transaction cancelled',
    $metadata: {},
    CancellationReasons: codes.map((Code) => ({ Code })),
  });

describe('a transaction that another one is in the way of', () => {
  it.each(['ThrottlingError', 'TransactionConflict', 'ProvisionedThroughputExceeded'])(
    'is written again when a condition failed beside %s: the item that explains it was not looked at',
    async (code) => {
      dynamodb.on(GetItemCommand).resolves({});
      dynamodb
        .on(TransactWriteItemsCommand)
        .rejectsOnce(cancelled('None', code, 'ConditionalCheckFailed', 'None', 'None', 'None', 'None'))
        .resolves({});

      const version = await registry.registerVersion(registration, 1_000);

      expect(version).toMatchObject({ version: 1, status: 'PENDING_APPROVAL' });
      expect(dynamodb.commandCalls(TransactWriteItemsCommand)).toHaveLength(2);
    },
  );

  it('is read again', async () => {
    dynamodb
      .on(TransactGetItemsCommand)
      .rejectsOnce(cancelled('None', 'TransactionConflict', 'None'))
      .resolves({ Responses: [{}, {}, {}] });

    expect(await registry.getServingSnapshot('toy')).toEqual({ latestVersion: 0 });
    expect(dynamodb.commandCalls(TransactGetItemsCommand)).toHaveLength(2);
  });

  it('is not read again when it failed for another reason', async () => {
    dynamodb.on(TransactGetItemsCommand).rejects(cancelled('ValidationError', 'None', 'None'));

    await expect(registry.getServingSnapshot('toy')).rejects.toThrow('Transaction cancelled');
  });
});
