import { createHash } from 'node:crypto';
import { capturedRecords } from '../../shared/adapters/s3/captured-lines.ts';
import {
  dayDeltasPrefix,
  dayProfilesKey,
  hourProfilesKey,
  PROFILE_DELTA_DAYS,
} from '../../shared/contracts/monitoring-keys.ts';
import {
  createCaptureFold,
  type DayHead,
  decodeDelta,
  encodeDay,
  encodeHours,
  type FoldPlan,
  findRefolds,
  type IdTable,
  type MergedDay,
  mergeDay,
  readDayHead,
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
  readonly nowMs: number;
}

const MOST_DELTAS = 1_000_000;

/** Changes with any delta that the day rests on. */
const sourcesOf = (lists: readonly (readonly StoredObject[])[]): string =>
  createHash('sha256')
    .update(JSON.stringify(lists.map((list) => list.map(({ key, etag }) => [key, etag]))))
    .digest('hex');

const readStanding = async (data: ArtifactStore, { model, plan, day }: DayRequest): Promise<DayHead | undefined> => {
  try {
    return readDayHead(await data.get(dayProfilesKey(model, plan.id, day)));
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
    if (record.kind === 'prediction') fold.take(record);
  }
  const found = fold.end().find((delta) => delta.day === day);
  const empty = { highs: new Int32Array(), lows: new Int32Array(), atMs: new Float64Array() };
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
const mergeStoredDay = async (
  data: ArtifactStore,
  request: DayRequest,
  { deltas, before }: { readonly deltas: readonly StoredObject[]; readonly before: readonly StoredObject[] },
): Promise<DayHead | undefined> => {
  const { model, plan, day } = request;
  // While deltas lie there, a day that was merged from some still has them.
  const expired = request.nowMs > Date.parse(day) + PROFILE_DELTA_DAYS * DAY_MS;
  if (deltas.length === 0 && !expired) return undefined;
  const standing = await readStanding(data, request);
  if (deltas.length === 0) return standing;
  const sources = sourcesOf([deltas, before]);
  if (standing?.sources === sources) return standing;
  const { hours, ...merged } = await mergeDeltas(data, request, deltas, before);
  await data.put(hourProfilesKey(model, plan.id, day), encodeHours({ day, hours }));
  const bytes = encodeDay({ ...merged, sources });
  await data.put(dayProfilesKey(model, plan.id, day), bytes);
  return readDayHead(bytes);
};

/** The deltas from this UTC day of predictions on, by day: one listing. */
const listDeltas = async (data: ArtifactStore, { model, plan, day }: DayRequest) => {
  const prefix = dayDeltasPrefix(model, plan.id);
  const deltas = await data.list(prefix, MOST_DELTAS, dayDeltasPrefix(model, plan.id, day));
  return Map.groupBy(deltas, ({ key }) => key.slice(prefix.length, prefix.length + day.length));
};

/** The days of `[fromMs, toMs)` that have predictions, oldest first. */
export const mergeStoredDays = async (
  data: ArtifactStore,
  {
    model,
    plan,
    fromMs,
    toMs,
    nowMs,
  }: {
    readonly model: string;
    readonly plan: FoldPlan;
    readonly fromMs: number;
    readonly toMs: number;
    readonly nowMs: number;
  },
): Promise<readonly DayHead[]> => {
  const days: DayHead[] = [];
  const byDay = await listDeltas(data, { model, plan, day: utcDay(fromMs - DAY_MS), nowMs });
  const deltasOf = (dayMs: number): readonly StoredObject[] => byDay.get(utcDay(dayMs)) ?? [];
  // One after another: the deltas of a day are held at once, those of a window are not.
  for (let dayMs = fromMs; dayMs < toMs; dayMs += DAY_MS) {
    const request = { model, plan, day: utcDay(dayMs), nowMs };
    const objects = { deltas: deltasOf(dayMs), before: deltasOf(dayMs - DAY_MS) };
    const day = await mergeStoredDay(data, request, objects);
    if (day !== undefined) days.push(day);
  }
  return days;
};
