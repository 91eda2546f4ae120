import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import type { ContractTarget } from './contract-target.ts';

const key = (AttributeName: string, KeyType: 'HASH' | 'RANGE') => ({ AttributeName, KeyType });
const attribute = (AttributeName: string, AttributeType: 'S' | 'N') => ({ AttributeName, AttributeType });

export const waitUntilActive = (target: ContractTarget, client: DynamoDBClient, TableName: string): Promise<void> =>
  target.eventually(`table ${TableName} is active`, async () => {
    const { Table } = await client.send(new DescribeTableCommand({ TableName }));
    return Table?.TableStatus === 'ACTIVE';
  });

/**
 * A table of this run, deleted at its end: keys `pk` (S) and `sk` (N), index `by-group` on `g` (S) and `sk` that keeps
 * keys and `note`.
 * @returns its name
 */
export const createContractTable = async (
  target: ContractTarget,
  client: DynamoDBClient,
  suffix: string,
  more: Partial<CreateTableCommandInput> = {},
): Promise<string> => {
  const TableName = `${target.prefix}-${suffix}`;
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [key('pk', 'HASH'), key('sk', 'RANGE')],
      AttributeDefinitions: [attribute('pk', 'S'), attribute('sk', 'N'), attribute('g', 'S')],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'by-group',
          KeySchema: [key('g', 'HASH'), key('sk', 'RANGE')],
          Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['note'] },
        },
      ],
      ...more,
    }),
  );
  target.afterwards(() => client.send(new DeleteTableCommand({ TableName })));
  await waitUntilActive(target, client, TableName);
  return TableName;
};
