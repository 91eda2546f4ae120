import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { Trace } from '../../../core/traces/index.ts';
import { assert } from '../../../kernel/assert.ts';
import type { TraceStore } from '../../../ports/trace-store.ts';
import { toItem } from '../attribute-value.ts';
import { CONTENDED, retryWhileContended } from '../contention.ts';
import { encodeEntity } from '../entity.ts';
import { transact } from '../table.ts';
import { encodeSpans, objectKeyOf } from './stored-spans.ts';
import {
  DEADLINE_MS,
  ifStill,
  type Standing,
  type StoredTrace,
  standingIn,
  type TraceContext,
} from './trace-context.ts';
import { timeKey, traceKey } from './trace-keys.ts';
import { findTrace, readPartition, spansItems } from './trace-reads.ts';

/** Of DynamoDB's 100 actions of a transaction; the trace and its entry take two. */
const MOST_DELETED_TOGETHER = 98;

/** The trace, and its entry in the index by time: put where it changed, moved where its time or experiment did. */
const writesOf = (
  { table, workspace, entryOf }: TraceContext,
  next: Trace,
  standing: Standing | undefined,
): readonly TransactWriteItem[] => {
  const entry = entryOf(next);
  const before = standing === undefined ? undefined : entryOf(standing.trace);
  const key = timeKey(workspace, entry.info);
  const keyBefore = before === undefined ? undefined : timeKey(workspace, before.info);
  const moved = keyBefore !== undefined && (keyBefore.pk !== key.pk || keyBefore.sk !== key.sk);
  const json = JSON.stringify(entry);
  const stored: StoredTrace = { revision: (standing?.revision ?? 0) + 1, json: JSON.stringify(next) };
  return [
    {
      Put: {
        TableName: table,
        Item: encodeEntity('Trace', traceKey(workspace, next.traceId), stored),
        ...ifStill(standing),
      },
    },
    ...(moved ? [{ Delete: { TableName: table, Key: toItem(keyBefore) } }] : []),
    ...(before !== undefined && JSON.stringify(before) === json
      ? []
      : [{ Put: { TableName: table, Item: encodeEntity('TraceEntry', key, { json }) } }]),
  ];
};

/** What takes the trace's item and its entry away, as long as nobody changed it. */
const endingOf = (
  { table, workspace, entryOf }: TraceContext,
  standing: Standing | undefined,
): readonly TransactWriteItem[] => {
  if (standing === undefined) return [];
  const { trace } = standing;
  return [
    { Delete: { TableName: table, Key: toItem(traceKey(workspace, trace.traceId)), ...ifStill(standing) } },
    { Delete: { TableName: table, Key: toItem(timeKey(workspace, entryOf(trace).info)) } },
  ];
};

const deleteOnce = async (
  context: TraceContext,
  traceId: string,
  experimentId: string,
): Promise<boolean | typeof CONTENDED> => {
  const { client, table, objects } = context;
  const items = await readPartition(context, traceId);
  const standing = standingIn(items);
  if (standing !== undefined && standing.trace.experimentId !== experimentId) return false;
  const batches = spansItems(items);
  for (const batch of batches) {
    const objectKey = objectKeyOf(batch);
    if (objectKey !== undefined) await objects.delete(objectKey);
  }
  const removals: TransactWriteItem[] = batches.map(({ pk, sk }) => {
    assert(pk !== undefined && sk !== undefined, 'an item has a key');
    return { Delete: { TableName: table, Key: { pk, sk } } };
  });
  // The trace goes last: until then a call that was cut off can be made again.
  while (removals.length > MOST_DELETED_TOGETHER) {
    const { outcome } = await transact(client, removals.splice(0, MOST_DELETED_TOGETHER));
    if (outcome !== 'written') return CONTENDED;
  }
  const actions = [...removals, ...endingOf(context, standing)];
  if (actions.length > 0 && (await transact(client, actions)).outcome !== 'written') return CONTENDED;
  return standing !== undefined;
};

export const traceWrites = (context: TraceContext): Pick<TraceStore, 'change' | 'delete'> => ({
  change: async (traceId, change, spans = []) => {
    const { client, table, pacing } = context;
    const spansItem = spans.length === 0 ? undefined : await encodeSpans(context, traceId, spans);
    const attempt = async (): Promise<Trace | typeof CONTENDED> => {
      const standing = await findTrace(context, traceId);
      const next = await change(standing?.trace);
      if (spansItem === undefined && next === standing?.trace) return next;
      const result = await transact(client, [
        ...writesOf(context, next, standing),
        ...(spansItem === undefined ? [] : [{ Put: { TableName: table, Item: spansItem } }]),
      ]);
      return result.outcome === 'written' ? next : CONTENDED;
    };
    return retryWhileContended(`a change of trace ${traceId}`, DEADLINE_MS, attempt, pacing);
  },

  delete: (traceId, experimentId) =>
    retryWhileContended(
      `deleting trace ${traceId}`,
      DEADLINE_MS,
      () => deleteOnce(context, traceId, experimentId),
      context.pacing,
    ),
});
