import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createDynamoDbService } from '../../infra/local/dynamodb/service.ts';
import type { AuditContext } from '../../shared/adapters/dynamodb/audit-log.ts';
import { linkRecord } from '../../shared/core/audit/index.ts';
import { startLocalService } from './local-service.ts';

export interface RegistryTables {
  readonly client: DynamoDBClient;
  readonly registryTable: string;
  readonly lineageTable: string;
  readonly audit: AuditContext;
  stop(): Promise<void>;
}

const KEYS = [
  { AttributeName: 'pk', KeyType: 'HASH' },
  { AttributeName: 'sk', KeyType: 'RANGE' },
] as const;
const text = (AttributeName: string) => ({ AttributeName, AttributeType: 'S' }) as const;

/** The registry, lineage and audit tables, as the data stack makes them, on the embedded DynamoDB. */
export const startRegistryTables = async (): Promise<RegistryTables> => {
  const local = await startLocalService(createDynamoDbService);
  const client = new DynamoDBClient(local.clientConfig);
  await client.send(
    new CreateTableCommand({
      TableName: 'registry',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['pk', 'sk', 'gsi1pk', 'gsi1sk'].map(text),
      KeySchema: [...KEYS],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'gsi1',
          KeySchema: [
            { AttributeName: 'gsi1pk', KeyType: 'HASH' },
            { AttributeName: 'gsi1sk', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
    }),
  );
  for (const TableName of ['lineage', 'audit']) {
    await client.send(
      new CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: ['pk', 'sk'].map(text),
        KeySchema: [...KEYS],
      }),
    );
  }
  await local.clock.advanceBy(60_000); // a new table is CREATING for a moment
  // Many write to one partition key at once, which earns what it may take a second as time goes by.
  local.clock.startWall();
  return {
    client,
    registryTable: 'registry',
    lineageTable: 'lineage',
    audit: { table: 'audit', link: linkRecord },
    stop: async () => {
      client.destroy();
      await local.stop();
    },
  };
};
