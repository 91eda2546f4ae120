import {
  captureDayPrefix,
  capturePrefix,
  compactedCaptureKey,
  compactedPrefix,
} from '../../shared/contracts/artifacts.ts';
import { DAY_MS, HOUR_MS, utcDay } from '../../shared/kernel/time.ts';
import type { ArtifactStore, StoredObject } from '../../shared/ports/artifact-store.ts';
import { readInParallel } from './read-in-parallel.ts';

/** After its end a day may still receive what Firehose buffered (at most 15 minutes) or retried. */
const GRACE_MS = HOUR_MS;
/** A larger day stays as Firehose wrote it: whoever reads it reads its objects. */
const MOST_BYTES = 256 * 1024 * 1024;
/** A buffer of five MB every second of ten days. */
const MOST_OBJECTS = 1_000_000;

/** Members of a gzip file follow one another: unpacked, they are the lines of all. */
const compactDay = async (data: ArtifactStore, key: string, objects: readonly StoredObject[]): Promise<void> => {
  const sizeBytes = objects.reduce((sum, object) => sum + object.sizeBytes, 0);
  if (sizeBytes > MOST_BYTES) return;
  const bodies = await readInParallel(data, objects, (body) => body);
  await data.put(key, Buffer.concat(bodies), 'application/gzip');
};

/**
 * Brings each closed day of arrival that came after the newest such file into one file, for those who read lines: from its
 * objects as they are, oldest day first. Doing it twice at once writes the same lines, of which readers keep one an id.
 */
export const compactCaptures = async (
  data: ArtifactStore,
  { model, fromMs, nowMs }: { readonly model: string; readonly fromMs: number; readonly nowMs: number },
): Promise<void> => {
  const dayBefore = utcDay(fromMs - DAY_MS);
  const done = await data.list(compactedPrefix(model), MOST_OBJECTS, compactedCaptureKey(model, dayBefore));
  const newest = done.at(-1)?.key.slice(compactedPrefix(model).length).slice(0, dayBefore.length) ?? dayBefore;
  const prefix = capturePrefix(model);
  // After the last key of that day.
  const captured = await data.list(prefix, MOST_OBJECTS, captureDayPrefix(model, utcDay(Date.parse(newest) + DAY_MS)));
  const days = Map.groupBy(captured, ({ key }) => key.slice(prefix.length, prefix.length + dayBefore.length));
  for (const [path, objects] of days) {
    const day = path.replaceAll('/', '-');
    if (nowMs < Date.parse(day) + DAY_MS + GRACE_MS) continue;
    await compactDay(data, compactedCaptureKey(model, day), objects);
  }
};
