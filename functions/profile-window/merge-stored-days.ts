import { createHash } from 'node:crypto';
import { capturedRecords } from '../../shared/adapters/s3/captured-lines.ts';
import {
  dayDeltasPrefix,
  dayIndexKey,
  dayProfilesKey,
  hourProfilesKey,
} from '../../shared/contracts/monitoring-keys.ts';
import {
  createCaptureFold,
  type DaySummary,
  decodeDay,
  decodeDelta,
  encodeDay,
  encodeHours,
  encodeIndex,
  type FoldPlan,
  findRefolds,
  type IdTable,
  type MergedDay,
  mergeDay,
  type StoredDelta,
} from '../../shared/core/monitoring/index.ts';
import { NotFoundError } from '../../shared/kernel/errors.ts';
import { DAY_MS, utcDay } from '../../shared/kernel/time.ts';
import type { ArtifactStore, StoredObject } from '../../shared/ports/artifact-store.ts';
import { readInParallel } from './read-in-parallel.ts';

interface DayRequest {
  readonly model: string;
  readonly plan: FoldPlan;
  readonly day: string;
}

const MOST_DELTAS = 100_000;

/** Changes with any delta that the day rests on. */
const sourcesOf = (lists: readonly (readonly StoredObject[])[]): string =>
  createHash('sha256')
    .update(JSON.stringify(lists.map((list) => list.map(({ key, etag }) => [key, etag]))))
    .digest('hex');

const readStanding = async (data: ArtifactStore, { model, plan, day }: DayRequest): Promise<DaySummary | undefined> => {
  try {
    return decodeDay(await data.get(dayProfilesKey(model, plan.id, day)), plan.bins);
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
};

/** A delta made again of its object, without the predictions that stand elsewhere. */
const foldAgain = async (
  data: ArtifactStore,
  { plan, day }: DayRequest,
  { source, duplicateCount }: StoredDelta,
  without: IdTable,
): Promise<StoredDelta> => {
  const fold = createCaptureFold(plan, new Map([[day, without]]));
  for await (const record of capturedRecords(await data.get(source.key, source.etag))) {
    if (record.kind !== 'failure') fold.take(record);
  }
  const found = fold.end().days.find((delta) => delta.day === day);
  const empty = {
    highs: new Int32Array(),
    lows: new Int32Array(),
    atMs: new Float64Array(),
    outputs: new Float64Array(),
  };
  return found === undefined
    ? { source, day, profiles: [], index: { rowCount: 0, ...empty }, duplicateCount }
    : { source, ...found };
};

const mergeDeltas = async (
  data: ArtifactStore,
  request: DayRequest,
  deltas: readonly StoredObject[],
  before: readonly StoredObject[],
): Promise<MergedDay> => {
  const decode = (bytes: Uint8Array): StoredDelta => decodeDelta(bytes, request.plan.bins);
  const stored = await readInParallel(data, deltas, decode);
  const indexesBefore = await readInParallel(data, before, (bytes) => decode(bytes).index);
  const refolds = new Map(
    findRefolds(stored, indexesBefore).map(({ source, without }) => [`${source.key} ${source.etag}`, without]),
  );
  const counted: StoredDelta[] = [];
  let leftOut = 0;
  for (const delta of stored) {
    const without = refolds.get(`${delta.source.key} ${delta.source.etag}`);
    leftOut += without?.size ?? 0;
    counted.push(without === undefined ? delta : await foldAgain(data, request, delta, without));
  }
  return mergeDay(request.plan, request.day, counted, leftOut);
};

/**
 * One day's predictions, each counted once. Where the stored day was merged from the deltas that lie there now, it stands;
 * otherwise it is merged anew and written, the file that names the deltas last. Two at once may write in any order: what
 * stands then names its deltas, and the next check sees whether they are all.
 * @returns undefined for a day without predictions.
 */
const mergeStoredDay = async (data: ArtifactStore, request: DayRequest): Promise<DaySummary | undefined> => {
  const { model, plan, day } = request;
  const dayBefore = utcDay(Date.parse(day) - DAY_MS);
  const [deltas, before, standing] = await Promise.all([
    data.list(dayDeltasPrefix(model, plan.id, day), MOST_DELTAS),
    data.list(dayDeltasPrefix(model, plan.id, dayBefore), MOST_DELTAS),
    readStanding(data, request),
  ]);
  if (deltas.length === 0) return standing;
  const sources = sourcesOf([deltas, before]);
  if (standing?.sources === sources) return standing;
  const { hours, index, ...merged } = await mergeDeltas(data, request, deltas, before);
  const summary: DaySummary = { ...merged, sources };
  await data.put(hourProfilesKey(model, plan.id, day), encodeHours({ day, hours }));
  await data.put(dayIndexKey(model, plan.id, day), encodeIndex(index));
  const bytes = encodeDay(summary);
  await data.put(dayProfilesKey(model, plan.id, day), bytes);
  // As it is read again: its sketches were shrunk on their way.
  return decodeDay(bytes, plan.bins);
};

/** The days of `[fromMs, toMs)` that have predictions, oldest first. */
export const mergeStoredDays = async (
  data: ArtifactStore,
  {
    model,
    plan,
    fromMs,
    toMs,
  }: { readonly model: string; readonly plan: FoldPlan; readonly fromMs: number; readonly toMs: number },
): Promise<readonly DaySummary[]> => {
  const days: DaySummary[] = [];
  // One after another: the deltas of a day are held at once, those of a window are not.
  for (let dayMs = fromMs; dayMs < toMs; dayMs += DAY_MS) {
    const day = await mergeStoredDay(data, { model, plan, day: utcDay(dayMs) });
    if (day !== undefined) days.push(day);
  }
  return days;
};
