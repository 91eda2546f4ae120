import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { MetricPoint } from '../../../core/tracking/index.ts';
import type { TrackingStore } from '../../../ports/tracking-store.ts';
import type { Item } from '../attribute-value.ts';
import { batchPutItems, queryItems } from '../table.ts';
import { type ChunkDocument, comparePoints, type HistoryChunk, pointsOfChunk } from './history-chunk.ts';
import { firstOfChunkKey, historyPosition } from './keys.ts';
import { packItem, unpackItem } from './packed-document.ts';
import type { MetricsDocument } from './run-document.ts';
import { padded } from './sort-key.ts';
import { putItem, readStoredRun } from './stored-run.ts';
import type { TrackingContext } from './tracking-context.ts';

/** The history of metrics: chunks by their first timestamp, merged when they are read. */

/** What fits into a transaction beside all else. */
const MAX_ACTIONS = 20;

const chunkItem = async (context: TrackingContext, runId: string, chunk: HistoryChunk): Promise<Item> => {
  const key = context.keys.chunk(runId, chunk.first, chunk.digest);
  return (await packItem(context, 'MetricChunk', key, chunk.document)).item;
};

/**
 * What writes the chunks. More than a transaction takes are written at once, by themselves: nobody sees a point before
 * the metrics document names its key, and one whose call failed is written by its retry.
 */
export const chunkActions = async (
  context: TrackingContext,
  runId: string,
  chunks: readonly HistoryChunk[],
): Promise<readonly TransactWriteItem[]> => {
  const items = await Promise.all(chunks.map((chunk) => chunkItem(context, runId, chunk)));
  if (items.length > MAX_ACTIONS) {
    await batchPutItems(context, items);
    return [];
  }
  return items.map((item) => putItem(context.table, item));
};

const FIRST_CHUNKS = 4;
const CHUNK_POINTS = 250;
const MAX_CHUNKS = 1_000;

/** How many chunks to read next, by how many points of the key those read so far had. */
const chunksToRead = (missing: number, chunkCount: number, pointCount: number): number => {
  const pointsPerChunk = chunkCount === 0 ? CHUNK_POINTS : Math.max(pointCount / chunkCount, 0.25);
  // Points enough may be known without being settled: chunks that overlap in time are yet to be read.
  return Math.max(1, Math.min(MAX_CHUNKS, Math.ceil(missing / pointsPerChunk) + FIRST_CHUNKS));
};

/** Sorted, each point once. */
const distinctPoints = (points: readonly MetricPoint[]): readonly MetricPoint[] => {
  const sorted = [...points].sort(comparePoints);
  return sorted.filter((point, i) => {
    const former = sorted[i - 1];
    return former === undefined || comparePoints(former, point) !== 0;
  });
};

interface PageRequest {
  readonly runId: string;
  readonly key: string;
  readonly wanted: number;
  readonly after: MetricPoint | undefined;
  readonly spans: Pick<MetricsDocument, 'longestSpanMs' | 'longestStepSpan'>;
}

/** Before every chunk that may hold later points. A chunk that spans time may begin at any step. */
const startOf = ({ after, spans: { longestSpanMs, longestStepSpan } }: PageRequest): string => {
  if (after === undefined) return padded(0);
  if (longestSpanMs === 0) return historyPosition(after.timestampMs, after.step - longestStepSpan);
  return padded(Math.max(0, after.timestampMs - longestSpanMs));
};

const comesBefore = (a: MetricPoint, b: { readonly timestampMs: number; readonly step: number }): boolean =>
  (a.timestampMs - b.timestampMs || a.step - b.step) < 0;

/** Reads until as many points are known as wanted that no later chunk can come before. */
const readPoints = async (context: TrackingContext, request: PageRequest): Promise<readonly MetricPoint[]> => {
  const { client, table, keys } = context;
  const { runId, key, wanted, after } = request;
  const pk = keys.historyPartition(runId);
  const from = startOf(request);
  let points: readonly MetricPoint[] = [];
  let [chunkCount, pointCount, startKey]: [number, number, Item | undefined] = [0, 0, undefined];
  for (;;) {
    const { items, hasMore } = await queryItems(
      client,
      {
        TableName: table,
        KeyConditionExpression: 'pk = :pk AND sk >= :from',
        ExpressionAttributeValues: { ':pk': { S: pk }, ':from': { S: from } },
        ConsistentRead: true,
        ...(startKey === undefined ? {} : { ExclusiveStartKey: startKey }),
      },
      chunksToRead(wanted - points.length, chunkCount, pointCount),
    );
    const documents = await Promise.all(items.map((item) => unpackItem<ChunkDocument>(context, 'MetricChunk', item)));
    const read = documents.flatMap((document) => pointsOfChunk(document, key));
    chunkCount += items.length;
    pointCount += read.length;
    points = distinctPoints([
      ...points,
      ...read.filter((point) => after === undefined || comparePoints(point, after) > 0),
    ]);
    const last = items.at(-1);
    if (!hasMore || last === undefined) return points;
    const { pk: lastPk, sk: lastSk } = last;
    startKey = { ...(lastPk && { pk: lastPk }), ...(lastSk && { sk: lastSk }) };
    const unread = firstOfChunkKey(lastSk?.S ?? '');
    const settled = points.filter((point) => comesBefore(point, unread));
    if (settled.length >= wanted) return settled;
  }
};

export const metricHistory =
  (context: TrackingContext): TrackingStore['metricHistory'] =>
  async (runId, key, limit, after) => {
    const { metrics, ...spans } = (await readStoredRun(context, runId)).metrics.document;
    if (!Object.hasOwn(metrics, key)) return { points: [], hasMore: false };
    const points = await readPoints(context, { runId, key, wanted: limit + 1, after, spans });
    return { points: points.slice(0, limit), hasMore: points.length > limit };
  };
