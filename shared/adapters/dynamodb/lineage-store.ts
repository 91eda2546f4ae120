import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { LineageEdge, LineageNode } from '../../core/lineage/index.ts';
import { LimitExceededError } from '../../kernel/errors.ts';
import type { LineageStore } from '../../ports/model-registry.ts';
import { DOWNSTREAM_PREFIX, nodePartition, UPSTREAM_PREFIX } from './keys.ts';
import { decodeEdge } from './lineage-edge.ts';
import { call } from './table.ts';

/** More edges at one node than a caller could read in one answer. */
const MOST_EDGES = 1_000;

/** Edges of one node. They are written by the transactions that make them true, in the registry. */
export const createLineageStore = (options: {
  readonly client: DynamoDBClient;
  readonly lineageTable: string;
}): LineageStore => {
  const edgesAt = async (node: LineageNode, prefix: string): Promise<readonly LineageEdge[]> => {
    const { Items: items = [], LastEvaluatedKey } = await call(() =>
      options.client.send(
        new QueryCommand({
          TableName: options.lineageTable,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
          ExpressionAttributeValues: { ':pk': { S: nodePartition(node) }, ':prefix': { S: prefix } },
          ConsistentRead: true,
          Limit: MOST_EDGES,
        }),
      ),
    );
    if (LastEvaluatedKey !== undefined) {
      throw new LimitExceededError(
        `${node.kind} ${node.id} has more than ${MOST_EDGES} lineage edges in one direction`,
      );
    }
    return items.map(decodeEdge);
  };
  return {
    upstream: (node) => edgesAt(node, UPSTREAM_PREFIX),
    downstream: (node) => edgesAt(node, DOWNSTREAM_PREFIX),
  };
};
