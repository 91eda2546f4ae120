import { QueryCommand } from '@aws-sdk/client-dynamodb';
import type { Span, TraceEntry } from '../../../core/traces/index.ts';
import { NotFoundError } from '../../../kernel/errors.ts';
import type { TraceStore } from '../../../ports/trace-store.ts';
import { type Item, toAttributeValue, toItem } from '../attribute-value.ts';
import { decodeEntity } from '../entity.ts';
import { call, getItem, queryPage } from '../table.ts';
import { decodeSpans } from './stored-spans.ts';
import { type Standing, standingIn, standingOf, type TraceContext } from './trace-context.ts';
import { experimentPartition, SPANS_PREFIX, timeKey, timeRange, traceKey, tracePartition } from './trace-keys.ts';

/** Objects read at once. */
const READ_AT_ONCE = 16;

export const findTrace = async (
  { client, table, workspace }: TraceContext,
  traceId: string,
): Promise<Standing | undefined> => {
  const item = await getItem(client, table, traceKey(workspace, traceId));
  return item === undefined ? undefined : standingOf(item);
};

/** The trace's item and those of its spans. As many pages as they fill: one for almost every trace. */
export const readPartition = async (
  { client, table, workspace }: TraceContext,
  traceId: string,
): Promise<readonly Item[]> => {
  const items: Item[] = [];
  let from: Item | undefined;
  do {
    const page = await call(() =>
      client.send(
        new QueryCommand({
          TableName: table,
          ConsistentRead: true,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': toAttributeValue(tracePartition(workspace, traceId)) },
          ...(from === undefined ? {} : { ExclusiveStartKey: from }),
        }),
      ),
    );
    items.push(...(page.Items ?? []));
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
  return items;
};

export const spansItems = (items: readonly Item[]): readonly Item[] =>
  items.filter(({ sk }) => sk?.S?.startsWith(SPANS_PREFIX));

export const traceReads = (context: TraceContext): Pick<TraceStore, 'get' | 'read' | 'walk'> => ({
  get: async (traceId) => {
    const standing = await findTrace(context, traceId);
    if (standing === undefined) throw new NotFoundError(`Trace with ID '${traceId}' not found.`);
    return standing.trace;
  },

  read: async (traceId) => {
    const items = await readPartition(context, traceId);
    const standing = standingIn(items);
    if (standing === undefined) return undefined;
    const batches = spansItems(items);
    const spans: Span[] = [];
    for (let at = 0; at < batches.length; at += READ_AT_ONCE) {
      const some = batches.slice(at, at + READ_AT_ONCE).map((batch) => decodeSpans(context, batch));
      for (const decoded of await Promise.all(some)) spans.push(...decoded);
    }
    return { trace: standing.trace, spans };
  },

  walk: async ({ experimentId, ascending, fromMs, toMs, after, limit }) => {
    if (fromMs > toMs) return { entries: [], hasMore: false };
    const { client, table, workspace } = context;
    const { first, last } = timeRange(fromMs, toMs);
    const { items, hasMore } = await queryPage(client, {
      TableName: table,
      ConsistentRead: true,
      ScanIndexForward: !ascending,
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
      ExpressionAttributeValues: toItem({
        ':pk': experimentPartition(workspace, experimentId),
        ':first': first,
        ':last': last,
      }),
      ...(after === undefined ? {} : { ExclusiveStartKey: toItem(timeKey(workspace, { experimentId, ...after })) }),
      Limit: limit,
    });
    const entries = items.map((item) => {
      const { json } = decodeEntity<{ readonly json: string }>('TraceEntry', item);
      return JSON.parse(json) as TraceEntry;
    });
    return { entries, hasMore };
  },
});
