import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { LineageDirection, LineageEdge, LineageNode } from '../../core/lineage/index.ts';
import { InvalidRequestError } from '../../kernel/errors.ts';
import { type EdgePage, type LineageStore, MOST_EDGES_READ, MOST_EDGES_RECORDED } from '../../ports/lineage-store.ts';
import type { Page } from '../../ports/model-registry.ts';
import { toItem } from './attribute-value.ts';
import { CONTENDED, type RetryPacing, realPacing, retryWhileContended } from './contention.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { DOWNSTREAM_PREFIX, edgeKeys, nodePartition, UPSTREAM_PREFIX } from './keys.ts';
import { decodeEdge, edgeActions } from './lineage-edge.ts';
import { queryItems, transact } from './table.ts';

const DEADLINE_MS = 10_000;
const PREFIXES = { upstream: UPSTREAM_PREFIX, downstream: DOWNSTREAM_PREFIX } as const;
const CURSOR_FORMS = { upstream: /^upstream#.+$/s, downstream: /^downstream#.+$/s } as const;

interface Options {
  readonly client: DynamoDBClient;
  readonly lineageTable: string;
  readonly pacing?: RetryPacing;
}

/** Lineage on DynamoDB: an edge stands under both of its ends. */
export const createLineageStore = ({ client, lineageTable, pacing = realPacing }: Options): LineageStore => {
  const edgesAt = async (
    node: LineageNode,
    direction: LineageDirection,
    { limit = MOST_EDGES_READ, cursor, atMs }: EdgePage = {},
  ): Promise<Page<LineageEdge>> => {
    if (!Number.isInteger(limit) || limit < 1 || limit > MOST_EDGES_READ) {
      throw new InvalidRequestError(`limit must be an integer in [1, ${MOST_EDGES_READ}], got ${limit}`);
    }
    const pk = nodePartition(node);
    const sk = cursor === undefined ? undefined : decodeCursor(cursor, CURSOR_FORMS[direction]);
    const { items, hasMore } = await queryItems(
      client,
      {
        TableName: lineageTable,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
        ...(atMs === undefined ? {} : { FilterExpression: 'recordedAtMs <= :atMs' }),
        ExpressionAttributeValues: {
          ':pk': { S: pk },
          ':prefix': { S: PREFIXES[direction] },
          ...(atMs === undefined ? {} : { ':atMs': { N: String(atMs) } }),
        },
        ConsistentRead: true,
        ...(sk === undefined ? {} : { ExclusiveStartKey: toItem({ pk, sk }) }),
      },
      limit,
    );
    const edges = items.map(decodeEdge);
    const last = edges.at(-1);
    return { items: edges, ...(hasMore && last ? { nextCursor: encodeCursor(sortKeyOf(last, direction)) } : {}) };
  };

  return {
    upstream: (node, page) => edgesAt(node, 'upstream', page),
    downstream: (node, page) => edgesAt(node, 'downstream', page),
    record: async (edges) => {
      if (edges.length === 0) return;
      if (edges.length > MOST_EDGES_RECORDED) {
        throw new InvalidRequestError(`at most ${MOST_EDGES_RECORDED} edges are recorded at once, got ${edges.length}`);
      }
      const actions = edges.flatMap((edge) => edgeActions({ lineageTable }, edge));
      await retryWhileContended(
        `recording ${edges.length} lineage edges`,
        DEADLINE_MS,
        async () => ((await transact(client, actions)).outcome === 'written' ? undefined : CONTENDED),
        pacing,
      );
    },
  };
};

const sortKeyOf = ({ upstream, downstream }: LineageEdge, direction: LineageDirection): string => {
  const [atUpper, atLower] = edgeKeys(upstream, downstream);
  return direction === 'upstream' ? atLower.sk : atUpper.sk;
};
