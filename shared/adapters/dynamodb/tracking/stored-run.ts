import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { InvalidRequestError, NotFoundError, UnavailableError } from '../../../kernel/errors.ts';
import { type Item, toItem } from '../attribute-value.ts';
import { entityFields } from '../entity.ts';
import type { Key } from '../keys.ts';
import { batchGetItems, getItem } from '../table.ts';
import { packItem, unpackItem } from './packed-document.ts';
import { isHot, metricsWithin, type Stored, type StoredRun } from './run-cache.ts';
import {
  type MetricsDocument,
  type PackedMetrics,
  type PackedRun,
  packMetrics,
  type RunDocument,
  unpackMetrics,
} from './run-document.ts';
import type { TrackingContext } from './tracking-context.ts';

/** The documents of runs, read together and written on condition that they are what was read. */

const revOf = (item: Item): number => Number(item.rev?.N);
const packedSizeOf = ({ text, gzip, spill }: Item): number =>
  text?.S?.length ?? gzip?.B?.byteLength ?? (spill === undefined ? 0 : 1_000_000);

/** What the item of a run says: of a hot run not its metrics. */
const unpackRun = async (context: TrackingContext, item: Item, known?: StoredRun): Promise<Partial<StoredRun>> => {
  // At one revision a run is either hot or not: becoming one or the other writes its item.
  if (known?.run.rev === revOf(item)) return isHot(known) ? { run: known.run } : known;
  const { metrics, ...document } = await unpackItem<PackedRun>(context, 'Run', item);
  const run = { rev: revOf(item), sizeBytes: packedSizeOf(item), document };
  return metrics === undefined ? { run } : { run, metrics: metricsWithin(unpackMetrics(metrics)) };
};

const unpackMetricsItem = async (context: TrackingContext, item: Item, known?: Stored<MetricsDocument>) =>
  known?.rev === revOf(item)
    ? known
    : {
        rev: revOf(item),
        sizeBytes: packedSizeOf(item),
        document: unpackMetrics(await unpackItem<PackedMetrics>(context, 'RunMetrics', item)),
      };

/** How often a run may be cooled down and become hot again between two of its reads before it is given up. */
const READ_ROUNDS = 6;

type Part = keyof StoredRun;
/** A run that is being read: the parts to read next, and of a hot run its own document, once that is read. */
type Reading = Partial<StoredRun> & { readonly runId: string; readonly parts: readonly Part[] };

const BOTH: readonly Part[] = ['run', 'metrics'];

/** One round of reading. @returns each run with what is known of it now, but for those that do not exist. */
const readParts = async (context: TrackingContext, readings: readonly Reading[]): Promise<readonly Reading[]> => {
  const { keys, cache } = context;
  const keyOf = (runId: string, part: Part): Key => keys[part](runId);
  const items = await batchGetItems(
    context,
    readings.flatMap(({ runId, parts }) => parts.map((part) => keyOf(runId, part))),
  );
  const byKey = new Map(items.map((item) => [item.pk?.S, item]));
  const read = readings.map(async ({ runId, parts, run: hotRun }): Promise<readonly Reading[]> => {
    const [runItem, metricsItem] = BOTH.map((part) => byKey.get(keyOf(runId, part).pk));
    const known = cache.get(runId);
    const own = hotRun === undefined ? runItem && (await unpackRun(context, runItem, known)) : { run: hotRun };
    if (own?.run === undefined) return [];
    const { run, metrics = metricsItem && (await unpackMetricsItem(context, metricsItem, known?.metrics)) } = own;
    if (metrics !== undefined) return [{ runId, parts: [], run, metrics }];
    // Where the metrics were asked for, the run was cooled down in between: they are with the run again.
    return [parts.includes('metrics') ? { runId, parts: BOTH } : { runId, parts: ['metrics'], run }];
  });
  return (await Promise.all(read)).flat();
};

/**
 * By run id; consistent; a run that does not exist is left out. What has the revision of the cached one is not unpacked.
 * @param unknown what to read of a run that is not cached: its own part tells whether it is hot, which then takes another
 * read; both parts at once cost as much as two runs.
 */
export const readStoredRuns = async (
  context: TrackingContext,
  runIds: readonly string[],
  unknown: readonly Part[] = ['run'],
): Promise<ReadonlyMap<string, StoredRun>> => {
  const found = new Map<string, StoredRun>();
  let left: readonly Reading[] = [...new Set(runIds)].map((runId) => {
    const known = context.cache.get(runId);
    return { runId, parts: known === undefined ? unknown : isHot(known) ? BOTH : ['run'] };
  });
  for (let round = 0; left.length > 0; round += 1) {
    if (round === READ_ROUNDS) throw new UnavailableError(`run ${left[0]?.runId} changes faster than it can be read`);
    const read = await readParts(context, left);
    for (const { runId, run, metrics } of read) if (run && metrics) found.set(runId, { run, metrics });
    left = read.filter(({ parts }) => parts.length > 0);
  }
  return found;
};

/** @throws NotFoundError */
export const readStoredRun = async (context: TrackingContext, runId: string): Promise<StoredRun> => {
  const stored = (await readStoredRuns(context, [runId], BOTH)).get(runId);
  if (stored === undefined) throw new NotFoundError(`Run with id=${runId} not found`);
  context.cache.set(runId, stored);
  return stored;
};

/**
 * A cached run with the metrics that stand now, read if what is cached was seldom current of late. What else is cached of
 * a hot run stays as it is.
 * @returns undefined when the run became hot, or is hot no more, or does not exist.
 */
export const withCurrentMetrics = async (context: TrackingContext, runId: string, cached: StoredRun) => {
  const { client, table, keys, cache } = context;
  if (cache.mostlyCurrent()) return { stored: cached, read: false };
  const part = isHot(cached) ? 'metrics' : 'run';
  const item = await getItem(client, table, keys[part](runId));
  cache.learn(item !== undefined && revOf(item) === cached[part].rev);
  if (item === undefined) return undefined;
  const now = isHot(cached)
    ? { metrics: await unpackMetricsItem(context, item, cached.metrics) }
    : await unpackRun(context, item, cached);
  return now.metrics && { stored: { ...cached, ...now }, read: true };
};

interface DocumentPut<T> {
  readonly action: TransactWriteItem;
  /** What will stand there. */
  readonly stored: Stored<T>;
}

const isRevision = (rev: number) => ({
  ConditionExpression: 'rev = :rev',
  ExpressionAttributeValues: { ':rev': { N: String(rev) } },
});

/** @param former revision that must still stand; undefined for a document that must not exist. */
const putAction = (table: string, item: Item, former: number | undefined): TransactWriteItem => ({
  Put: {
    TableName: table,
    Item: item,
    ...(former === undefined ? { ConditionExpression: 'attribute_not_exists(pk)' } : isRevision(former)),
  },
});

/** @param metrics what is stored with the document; undefined for a hot run. */
export const putRunDocument = async (
  context: TrackingContext,
  document: RunDocument,
  metrics: MetricsDocument | undefined,
  former?: number,
): Promise<DocumentPut<RunDocument>> => {
  const rev = (former ?? 0) + 1;
  const fields = { ...context.keys.run(document.info.runId), rev };
  const packed: PackedRun = metrics === undefined ? document : { ...document, metrics: packMetrics(metrics) };
  const { item, sizeBytes } = await packItem(context, 'Run', fields, packed);
  return { action: putAction(context.table, item, former), stored: { rev, document, sizeBytes } };
};

/** Writes between two times that a run becomes hot have no revision in common. */
const HOT_REVISIONS = 1_000_000_000;

/** The revision before the first of a run that becomes hot by the run's revision. */
export const revisionBeforeHot = (runRev: number): number => runRev * HOT_REVISIONS;

/** @param rev the revision before, which must still stand unless the run only now becomes hot. */
export const putMetricsDocument = async (
  context: TrackingContext,
  runId: string,
  document: MetricsDocument,
  before: { readonly rev: number; readonly exists: boolean },
): Promise<DocumentPut<MetricsDocument>> => {
  const rev = before.rev + 1;
  const fields = { ...context.keys.metrics(runId), rev };
  const { item, sizeBytes } = await packItem(context, 'RunMetrics', fields, packMetrics(document));
  const action = putAction(context.table, item, before.exists ? before.rev : undefined);
  return { action, stored: { rev, document, sizeBytes } };
};

/** When a hot run cools down. */
export const deleteMetricsDocument = ({ table, keys }: TrackingContext, runId: string, rev: number) => ({
  Delete: { TableName: table, Key: toItem(keys.metrics(runId)), ...isRevision(rev) },
});

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
