import {
  ConditionalCheckFailedException,
  PutItemCommand,
  TransactionConflictException,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import { toItem } from '../attribute-value.ts';
import { call, transact } from '../table.ts';
import { type IndexChange, NO_CHANGE } from './index-entries.ts';
import type { StoredRun } from './run-cache.ts';
import type { MetricsDocument, RunDocument } from './run-document.ts';
import { deleteKey, headerItem, putItem, putMetricsDocument, putRunDocument } from './stored-run.ts';
import type { TrackingContext } from './tracking-context.ts';

/** One transaction of a run. */
interface RunWrites {
  readonly run?: RunDocument;
  readonly metrics?: MetricsDocument;
  readonly entries?: IndexChange;
  readonly more?: readonly TransactWriteItem[];
}

const entryActions = (table: string, entries: IndexChange): readonly TransactWriteItem[] => [
  ...entries.put.map((key) => putItem(table, toItem(key))),
  ...entries.delete.map((key) => deleteKey(table, key)),
];

/** One conditional put costs half of what it costs in a transaction. */
const writeAll = async (context: TrackingContext, actions: readonly TransactWriteItem[]): Promise<boolean> => {
  const [first] = actions;
  if (actions.length !== 1 || first?.Put === undefined) {
    return (await transact(context.client, actions)).outcome === 'written';
  }
  const put = new PutItemCommand(first.Put);
  try {
    await call(() => context.client.send(put));
    return true;
  } catch (error) {
    const lost = error instanceof ConditionalCheckFailedException || error instanceof TransactionConflictException;
    if (lost) return false;
    throw error;
  }
};

/**
 * Writes documents with whatever goes with them, if the documents are still those that were read.
 * @returns what stands now, or undefined when somebody came between.
 */
export const commitRun = async (
  context: TrackingContext,
  former: StoredRun,
  { run, metrics, entries = NO_CHANGE, more = [] }: RunWrites,
): Promise<StoredRun | undefined> => {
  const { table, cache } = context;
  const { runId } = former.run.document.info;
  const [runPut, metricsPut] = await Promise.all([
    run && putRunDocument(context, run, former.run.rev),
    metrics && putMetricsDocument(context, runId, metrics, former.metrics.rev),
  ]);
  const infoChanged = run !== undefined && JSON.stringify(run.info) !== JSON.stringify(former.run.document.info);
  const actions = [
    ...(runPut === undefined ? [] : [runPut.action]),
    ...(metricsPut === undefined ? [] : [metricsPut.action]),
    ...(infoChanged ? [putItem(table, headerItem(context, run))] : []),
    ...entryActions(table, entries),
    ...more,
  ];
  // Whatever becomes of the write, what was known may be out of date.
  cache.delete(runId);
  if (!(await writeAll(context, actions))) return undefined;
  const now = { run: runPut?.stored ?? former.run, metrics: metricsPut?.stored ?? former.metrics };
  cache.set(runId, now);
  return now;
};
