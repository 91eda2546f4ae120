import {
  ConditionalCheckFailedException,
  PutItemCommand,
  TransactionConflictException,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import { toItem } from '../attribute-value.ts';
import { call, transact } from '../table.ts';
import { type IndexChange, NO_CHANGE } from './index-entries.ts';
import { isHot, metricsWithin, type StoredRun } from './run-cache.ts';
import type { MetricsDocument, RunDocument } from './run-document.ts';
import {
  deleteKey,
  deleteMetricsDocument,
  headerItem,
  putItem,
  putMetricsDocument,
  putRunDocument,
  revisionBeforeHot,
} from './stored-run.ts';
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

interface DocumentWrites {
  readonly actions: readonly TransactWriteItem[];
  /** What stands after them. */
  readonly now: StoredRun;
}

/** Of a run that is not hot, or is no more: one document. */
const coldDocuments = async (
  context: TrackingContext,
  former: StoredRun,
  document: RunDocument,
  metrics: MetricsDocument,
): Promise<DocumentWrites> => {
  const { action, stored } = await putRunDocument(context, document, metrics, former.run.rev);
  const ended = isHot(former) ? [deleteMetricsDocument(context, document.info.runId, former.metrics.rev)] : [];
  return { actions: [action, ...ended], now: { run: stored, metrics: metricsWithin(metrics) } };
};

/** Of a run that is hot, or becomes it: the metrics have an item of their own. */
const hotDocuments = async (
  context: TrackingContext,
  former: StoredRun,
  { run, metrics }: RunWrites,
): Promise<DocumentWrites> => {
  const exists = isHot(former);
  const document = run ?? (exists ? undefined : former.run.document);
  const runPut = document && (await putRunDocument(context, document, undefined, former.run.rev));
  const rev = exists ? former.metrics.rev : revisionBeforeHot(former.run.rev + 1);
  const { runId } = former.run.document.info;
  const metricsPut = metrics && (await putMetricsDocument(context, runId, metrics, { rev, exists }));
  return {
    actions: [runPut, metricsPut].flatMap((put) => (put === undefined ? [] : [put.action])),
    now: { run: runPut?.stored ?? former.run, metrics: metricsPut?.stored ?? former.metrics },
  };
};

/**
 * Writes documents with whatever goes with them, if the documents are still those that were read.
 * @returns what stands now, or undefined when somebody came between.
 */
export const commitRun = async (
  context: TrackingContext,
  former: StoredRun,
  writes: RunWrites,
): Promise<StoredRun | undefined> => {
  const { table, cache } = context;
  const { run, entries = NO_CHANGE, more = [] } = writes;
  const { runId } = former.run.document.info;
  const metrics = writes.metrics ?? former.metrics.document;
  const documents =
    metrics.hot === undefined
      ? await coldDocuments(context, former, run ?? former.run.document, metrics)
      : await hotDocuments(context, former, writes);
  const infoChanged = run !== undefined && JSON.stringify(run.info) !== JSON.stringify(former.run.document.info);
  const actions = [
    ...documents.actions,
    ...(infoChanged ? [putItem(table, headerItem(context, run))] : []),
    ...entryActions(table, entries),
    ...more,
  ];
  // Whatever becomes of the write, what was known may be out of date.
  cache.delete(runId);
  if (!(await writeAll(context, actions))) return undefined;
  cache.set(runId, documents.now);
  return documents.now;
};
