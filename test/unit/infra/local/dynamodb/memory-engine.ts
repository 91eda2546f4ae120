import type { FaultSource } from '../../../../../infra/local/contracts.ts';
import { NO_METER } from '../../../../../infra/local/dynamodb/capacity-meter.ts';
import { createEngine, type Engine } from '../../../../../infra/local/dynamodb/engine.ts';
import { createTable } from '../../../../../infra/local/dynamodb/operations/create-table.ts';
import { openStorage } from '../../../../../infra/local/dynamodb/storage.ts';
import { createMachineIds } from '../../../../../infra/local/ids.ts';

const key = (AttributeName: string, KeyType: string) => ({ AttributeName, KeyType });

/** An engine in memory with the table `t` (pk S, sk of the given type) and its index `gsi` (g S, h N), all projected. */
export const memoryEngine = (
  options: {
    sortType?: 'S' | 'N' | 'B';
    nowMs?: () => number;
    /** Throttles as AWS does. @default false: tests write at one instant */
    metered?: boolean;
    faults?: FaultSource;
    /** More members of CreateTable. */
    table?: object;
  } = {},
): Engine => {
  const engine = createEngine({
    storage: openStorage(':memory:'),
    identity: { region: 'us-east-1', accountId: '000000000000', partition: 'aws' },
    nowMs: options.nowMs ?? (() => 0),
    ids: createMachineIds(),
    ...(options.metered ? {} : { meter: NO_METER }),
    ...(options.faults ? { faults: options.faults } : {}),
  });
  createTable(engine, {
    TableName: 'table',
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [key('pk', 'HASH'), key('sk', 'RANGE')],
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'sk', AttributeType: options.sortType ?? 'S' },
      { AttributeName: 'g', AttributeType: 'S' },
      { AttributeName: 'h', AttributeType: 'N' },
    ],
    GlobalSecondaryIndexes: [
      { IndexName: 'gsi', KeySchema: [key('g', 'HASH'), key('h', 'RANGE')], Projection: { ProjectionType: 'ALL' } },
    ],
    ...options.table,
  });
  return engine;
};
