import * as v from 'valibot';
import { unpackedLines } from '../../shared/adapters/s3/captured-lines.ts';
import { captureDayPrefix } from '../../shared/contracts/artifacts.ts';
import { PredictionRecordSchema } from '../../shared/contracts/capture.ts';
import { parse } from '../../shared/contracts/parse.ts';
import {
  daysToFold,
  daysToList,
  isNewSince,
  type MeteredRequests,
  meteredRequests,
} from '../../shared/core/metering/index.ts';
import { isoTime, utcDay } from '../../shared/kernel/time.ts';
import type { ArtifactStore, StoredObject } from '../../shared/ports/artifact-store.ts';
import type { UsageStore } from '../../shared/ports/usage-store.ts';

export interface MeterDeps {
  readonly data: Pick<ArtifactStore, 'get' | 'list'>;
  readonly usage: Pick<UsageStore, 'raise' | 'countedUntilMs' | 'setCountedUntil'>;
}

/** Objects fetched side by side. */
const PARALLEL = 16;
/** Of a model and a day: Firehose writes one every quarter of an hour, or every 5 MB. */
const MOST_OBJECTS = 100_000;

const PredictionSchema = v.pick(PredictionRecordSchema, ['kind', 'predictionId', 'atMs', 'version', 'request']);

const addObject = (requests: MeteredRequests, body: Uint8Array): void => {
  for (const text of unpackedLines(body)) {
    const line = JSON.parse(text) as { readonly kind?: unknown };
    // Nobody is billed for labels, nor for what failed.
    if (line.kind === 'prediction') requests.add(parse(PredictionSchema, line, 'captured line'));
  }
};

const addObjects = async (
  requests: MeteredRequests,
  data: MeterDeps['data'],
  objects: readonly StoredObject[],
): Promise<void> => {
  for (let start = 0; start < objects.length; start += PARALLEL) {
    const batch = objects.slice(start, start + PARALLEL);
    const bodies = await Promise.all(batch.map(({ key }) => data.get(key)));
    for (const body of bodies) addObject(requests, body);
  }
};

/**
 * Counts what arrived of a model's captures since the last time. Whole days are counted anew from all their lines, the
 * very objects that Firehose wrote, and a count is only ever raised: doing it twice, half, or at once with another
 * changes nothing, and what comes late is counted when it has come.
 * @returns the days whose counts were looked at.
 */
export const meterModel = async (
  { data, usage }: MeterDeps,
  model: string,
  nowMs: number,
): Promise<readonly string[]> => {
  const sinceMs = await usage.countedUntilMs(model);
  const listDay = (dayMs: number) => data.list(captureDayPrefix(model, utcDay(dayMs)), MOST_OBJECTS);
  const listed = new Map<number, readonly StoredObject[]>();
  for (const dayMs of daysToList(sinceMs, nowMs)) listed.set(dayMs, await listDay(dayMs));
  const fresh = [...listed.values()].flat().filter(({ lastModifiedMs }) => isNewSince(sinceMs, lastModifiedMs));

  const requests = meteredRequests();
  const added = new Set(fresh.map(({ key }) => key));
  await addObjects(requests, data, fresh);
  const days = requests.days();
  if (days.length > 0) {
    const { wholeDays, lastHourMs } = daysToFold(days, nowMs);
    const hour = `${captureDayPrefix(model, utcDay(lastHourMs))}${isoTime(lastHourMs).slice(11, 13)}/`;
    const objects = [...(await data.list(hour, MOST_OBJECTS))];
    for (const dayMs of wholeDays) objects.push(...(listed.get(dayMs) ?? (await listDay(dayMs))));
    await addObjects(
      requests,
      data,
      objects.filter(({ key }) => !added.has(key)),
    );
    await usage.raise(model, requests.usageOf(new Set(days)));
  }
  await usage.setCountedUntil(model, nowMs);
  return days;
};
