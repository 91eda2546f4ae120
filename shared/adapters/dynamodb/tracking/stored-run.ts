import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { InvalidRequestError, NotFoundError } from '../../../kernel/errors.ts';
import { type Item, toItem } from '../attribute-value.ts';
import { entityFields } from '../entity.ts';
import type { Key } from '../keys.ts';
import { batchGetItems, getItem } from '../table.ts';
import { packItem, unpackItem } from './packed-document.ts';
import type { Stored, StoredRun } from './run-cache.ts';
import {
  type MetricsDocument,
  type PackedMetrics,
  packMetrics,
  type RunDocument,
  unpackMetrics,
} from './run-document.ts';
import type { TrackingContext } from './tracking-context.ts';

/** The two documents of runs, read together and written on condition that they are what was read. */

const revOf = (item: Item): number => Number(item.rev?.N);
const packedSizeOf = ({ text, gzip, spill }: Item): number =>
  text?.S?.length ?? gzip?.B?.byteLength ?? (spill === undefined ? 0 : 1_000_000);

const unpackRun = async (context: TrackingContext, item: Item, known?: Stored<RunDocument>) =>
  known?.rev === revOf(item)
    ? known
    : {
        rev: revOf(item),
        sizeBytes: packedSizeOf(item),
        document: await unpackItem<RunDocument>(context, 'Run', item),
      };

const unpackMetricsItem = async (context: TrackingContext, item: Item, known?: Stored<MetricsDocument>) =>
  known?.rev === revOf(item)
    ? known
    : {
        rev: revOf(item),
        sizeBytes: packedSizeOf(item),
        document: unpackMetrics(await unpackItem<PackedMetrics>(context, 'RunMetrics', item)),
      };

/** By run id; consistent; a run that does not exist is left out. What has the revision of the cached one is not unpacked. */
export const readStoredRuns = async (
  context: TrackingContext,
  runIds: readonly string[],
): Promise<ReadonlyMap<string, StoredRun>> => {
  const { keys, cache } = context;
  const wanted = [...new Set(runIds)];
  const items = await batchGetItems(
    context,
    wanted.flatMap((runId) => [keys.run(runId), keys.metrics(runId)]),
  );
  const byKey = new Map(items.map((item) => [item.pk?.S, item]));
  const runs = await Promise.all(
    wanted.map(async (runId): Promise<readonly [string, StoredRun][]> => {
      const [runItem, metricsItem] = [byKey.get(keys.run(runId).pk), byKey.get(keys.metrics(runId).pk)];
      if (runItem === undefined || metricsItem === undefined) return [];
      const known = cache.get(runId);
      const [run, metrics] = await Promise.all([
        unpackRun(context, runItem, known?.run),
        unpackMetricsItem(context, metricsItem, known?.metrics),
      ]);
      return [[runId, { run, metrics }]];
    }),
  );
  return new Map(runs.flat());
};

/** @throws NotFoundError */
export const readStoredRun = async (context: TrackingContext, runId: string): Promise<StoredRun> => {
  const stored = (await readStoredRuns(context, [runId])).get(runId);
  if (stored === undefined) throw new NotFoundError(`Run with id=${runId} not found`);
  context.cache.set(runId, stored);
  return stored;
};

/**
 * A cached run with the metrics that stand now, read if what is cached was seldom current of late. What else is cached of
 * the run stays as it is.
 * @throws NotFoundError
 */
export const withCurrentMetrics = async (context: TrackingContext, runId: string, cached: StoredRun) => {
  const { client, table, keys, cache } = context;
  if (cache.mostlyCurrent()) return { stored: cached, read: false };
  const item = await getItem(client, table, keys.metrics(runId));
  if (item === undefined) throw new NotFoundError(`Run with id=${runId} not found`);
  const metrics = await unpackMetricsItem(context, item, cached.metrics);
  cache.learn(metrics === cached.metrics);
  return { stored: { ...cached, metrics }, read: true };
};

interface DocumentPut<T> {
  readonly action: TransactWriteItem;
  /** What will stand there. */
  readonly stored: Stored<T>;
}

/** @param former revision that must still stand; undefined for a document that must not exist. */
const putAction = (table: string, item: Item, former: number | undefined): TransactWriteItem => ({
  Put: {
    TableName: table,
    Item: item,
    ...(former === undefined
      ? { ConditionExpression: 'attribute_not_exists(pk)' }
      : {
          ConditionExpression: 'rev = :rev',
          ExpressionAttributeValues: { ':rev': { N: String(former) } },
        }),
  },
});

export const putRunDocument = async (
  context: TrackingContext,
  document: RunDocument,
  former?: number,
): Promise<DocumentPut<RunDocument>> => {
  const rev = (former ?? 0) + 1;
  const fields = { ...context.keys.run(document.info.runId), rev };
  const { item, sizeBytes } = await packItem(context, 'Run', fields, document);
  return { action: putAction(context.table, item, former), stored: { rev, document, sizeBytes } };
};

export const putMetricsDocument = async (
  context: TrackingContext,
  runId: string,
  document: MetricsDocument,
  former?: number,
): Promise<DocumentPut<MetricsDocument>> => {
  const rev = (former ?? 0) + 1;
  const fields = { ...context.keys.metrics(runId), rev };
  const { item, sizeBytes } = await packItem(context, 'RunMetrics', fields, packMetrics(document));
  return { action: putAction(context.table, item, former), stored: { rev, document, sizeBytes } };
};

/** The header of the index by time: the run's info again, to filter and order by attributes without reading runs. */
export const headerItem = (context: TrackingContext, { info }: RunDocument): Item => ({
  ...toItem({
    ...context.keys.header(info.experimentId, info.startTimeMs, info.runId),
    ...entityFields('RunHeader'),
    info: JSON.stringify(info),
  }),
});

export const putItem = (table: string, item: Item): TransactWriteItem => ({ Put: { TableName: table, Item: item } });
export const deleteKey = (table: string, key: Key): TransactWriteItem => ({
  Delete: { TableName: table, Key: toItem(key) },
});

/** @throws InvalidRequestError in MLflow's words for a write to a deleted run. */
export const requireActive = ({ info }: RunDocument): void => {
  if (info.lifecycleStage === 'active') return;
  throw new InvalidRequestError(
    `The run ${info.runId} must be in the 'active' state. Current state is ${info.lifecycleStage}.`,
  );
};
