import type { RunStatus } from '../../../core/tracking/index.ts';
import { type Item, toItem } from '../attribute-value.ts';
import { encodeEntity } from '../entity.ts';
import type { Key } from '../keys.ts';
import { batchPutItems, queryItems, transact } from '../table.ts';
import { countOf, metricChanges, ownerOf } from './index-entries.ts';
import { runOfHotKey } from './keys.ts';
import type { StoredRun } from './run-cache.ts';
import { commitRun } from './run-commit.ts';
import type { MetricsDocument } from './run-document.ts';
import { valuesOf } from './run-plan.ts';
import { deleteKey, readStoredRun } from './stored-run.ts';
import type { TrackingContext } from './tracking-context.ts';

/**
 * Hot runs: their metrics' entries stay as they were when they became hot, and searching reads them whole. That a run is
 * hot is written in one transaction with the first metrics that its entries do not show; that it is not any more, after
 * its entries show all.
 */

const MAX_HOT = 32;
/** Of other runs, in the call of one that became hot. */
const MAX_COOLED = 4;
/** More are never listed: each run that becomes hot cools another beyond 32. */
const MAX_LISTED = 1_000;
const ATTEMPTS = 3;
const TRANSACTION_ENTRIES = 80;
const TERMINAL: ReadonlySet<RunStatus> = new Set(['FINISHED', 'FAILED', 'KILLED']);

export const isTerminal = (status: RunStatus): boolean => TERMINAL.has(status);

export const hotItem = (key: Key): Item => encodeEntity('HotRun', key, {});

/** Longest hot first. */
export const listHotRuns = async (context: TrackingContext, experimentId: string): Promise<readonly string[]> => {
  const { items } = await queryItems(
    context.client,
    {
      TableName: context.table,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: context.keys.hotPartition(experimentId) } },
      ProjectionExpression: 'sk',
      ConsistentRead: true,
    },
    MAX_LISTED,
  );
  return items.map(({ sk }) => runOfHotKey(sk?.S ?? ''));
};

/**
 * Deletes entries only while the metrics are those that the entries were compared with: any later and one might be
 * deleted that another writer put again.
 */
const deleteStale = async (context: TrackingContext, { run, metrics }: StoredRun, stale: readonly Key[]) => {
  const { table, keys, client } = context;
  const unchanged = {
    ConditionCheck: {
      TableName: table,
      Key: toItem(keys.metrics(run.document.info.runId)),
      ConditionExpression: 'rev = :rev',
      ExpressionAttributeValues: { ':rev': { N: String(metrics.rev) } },
    },
  };
  for (let at = 0; at < stale.length; at += TRANSACTION_ENTRIES) {
    const deletes = stale.slice(at, at + TRANSACTION_ENTRIES).map((key) => deleteKey(table, key));
    if ((await transact(client, [unchanged, ...deletes])).outcome !== 'written') return false;
  }
  return true;
};

/** @returns false when somebody came between. */
const coolOnce = async (context: TrackingContext, stored: StoredRun): Promise<boolean> => {
  const { hot, ...rest } = stored.metrics.document;
  if (hot === undefined) return true;
  const { info } = stored.run.document;
  const owner = ownerOf(context.keys, stored.run.document);
  const current = valuesOf(rest.metrics);
  // All, not only those that differ: an earlier cooling may have come to deleting some that are right again.
  const { put } = metricChanges(owner, {}, current);
  const { delete: stale } = metricChanges(owner, hot.indexed, current);
  const cooled: MetricsDocument = { ...rest, writeCount: 0 };
  const more = [deleteKey(context.table, context.keys.hot(info.experimentId, hot.sinceMs, info.runId))];
  if (countOf({ put, delete: stale }) <= TRANSACTION_ENTRIES) {
    const entries = { put, delete: stale };
    return (await commitRun(context, stored, { metrics: cooled, entries, more })) !== undefined;
  }
  await batchPutItems(context, put.map(toItem));
  if (!(await deleteStale(context, stored, stale))) return false;
  return (await commitRun(context, stored, { metrics: cooled, more })) !== undefined;
};

/**
 * Brings the entries of a run up to date. One that goes on being written stays hot: nothing is lost by that.
 * @param known what was seen of it last.
 */
export const coolRun = async (context: TrackingContext, runId: string, known?: StoredRun): Promise<void> => {
  let stored = known;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if (await coolOnce(context, stored ?? (await readStoredRun(context, runId)))) return;
    stored = undefined;
  }
};

/** Cools the longest hot of an experiment that has too many, but for the one that just became hot. */
export const coolOthers = async (context: TrackingContext, experimentId: string, runId: string): Promise<void> => {
  const hot = await listHotRuns(context, experimentId);
  const others = hot.filter((id) => id !== runId).slice(0, Math.min(MAX_COOLED, Math.max(0, hot.length - MAX_HOT)));
  for (const other of others) await coolRun(context, other);
};
