import { CreateTableCommand, DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { createDynamoDbService } from '../../infra/local/dynamodb/service.ts';
import { createTrackingStore } from '../../shared/adapters/dynamodb/tracking/tracking-store.ts';
import { createMemoryArtifactStore } from '../../shared/adapters/memory/artifact-store.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { TrackingStore } from '../../shared/ports/tracking-store.ts';
import { startLocalService } from './local-service.ts';

type SentCommand = Parameters<DynamoDBClient['send']>[0];

export interface SentCall {
  readonly operation: string;
  readonly capacityUnits: number;
}

/** The tracking table on the embedded DynamoDB. */
export interface TrackingTable {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly values: ArtifactStore;
  readonly clock: Clock;
  /** A store as a process of its own has it. */
  open(workspace: string, client?: DynamoDBClient): TrackingStore;
  /** A client that does something before or after each of its calls, such as failing. */
  watchedClient(around: (command: SentCommand, send: () => Promise<unknown>) => Promise<unknown>): DynamoDBClient;
  /** Adds what each call consumed. */
  meteredClient(calls: SentCall[]): DynamoDBClient;
  stop(): Promise<void>;
}

const KEYS = [
  { AttributeName: 'pk', KeyType: 'HASH' },
  { AttributeName: 'sk', KeyType: 'RANGE' },
] as const;

const unitsOf = (answer: unknown): number => {
  const { ConsumedCapacity: consumed = [] } = answer as { ConsumedCapacity?: unknown };
  const all = (Array.isArray(consumed) ? consumed : [consumed]) as { readonly CapacityUnits?: number }[];
  return all.reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);
};

export const startTrackingTable = async (): Promise<TrackingTable> => {
  const local = await startLocalService(createDynamoDbService);
  const config: DynamoDBClientConfig = local.clientConfig;
  const client = new DynamoDBClient(config);
  await client.send(
    new CreateTableCommand({
      TableName: 'tracking',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: KEYS.map(({ AttributeName }) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: [...KEYS],
    }),
  );
  await local.clock.advanceBy(60_000); // a new table is CREATING for a moment
  // Many write to one partition key at once, which earns what it may take a second as time goes by.
  local.clock.startWall();
  const clients = [client];
  const values = createMemoryArtifactStore();
  const clock = { nowMs: () => local.clock.nowMs() };
  const watchedClient: TrackingTable['watchedClient'] = (around) => {
    const watched = new DynamoDBClient(config);
    clients.push(watched);
    const send = watched.send.bind(watched);
    watched.send = ((command: SentCommand) => around(command, () => send(command))) as DynamoDBClient['send'];
    return watched;
  };
  return {
    client,
    table: 'tracking',
    values,
    clock,
    watchedClient,
    meteredClient: (calls) =>
      watchedClient(async (command, send) => {
        (command.input as { ReturnConsumedCapacity?: string }).ReturnConsumedCapacity = 'TOTAL';
        const answer = await send();
        calls.push({ operation: command.constructor.name, capacityUnits: unitsOf(answer) });
        return answer;
      }),
    open: (workspace, of = client) => createTrackingStore({ client: of, table: 'tracking', values, workspace, clock }),
    stop: async () => {
      for (const one of clients) one.destroy();
      await local.stop();
    },
  };
};
