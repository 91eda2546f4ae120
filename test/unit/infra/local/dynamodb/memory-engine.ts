import { createEngine, type Engine } from '../../../../../infra/local/dynamodb/engine.ts';
import { createTable } from '../../../../../infra/local/dynamodb/operations/create-table.ts';
import { openStorage } from '../../../../../infra/local/dynamodb/storage.ts';

const key = (AttributeName: string, KeyType: string) => ({ AttributeName, KeyType });

/** An engine in memory with the table `t` (pk S, sk of the given type) and its index `gsi` (g S, h N), all projected. */
export const memoryEngine = (options: { sortType?: 'S' | 'N' | 'B'; nowMs?: () => number } = {}): Engine => {
  const engine = createEngine({
    storage: openStorage(':memory:'),
    identity: { region: 'us-east-1', accountId: '000000000000', partition: 'aws' },
    nowMs: options.nowMs ?? (() => 0),
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
  });
  return engine;
};
