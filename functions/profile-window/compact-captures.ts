import { captureDayPrefix, compactedCaptureKey } from '../../shared/contracts/artifacts.ts';
import { DAY_MS, HOUR_MS, utcDay } from '../../shared/kernel/time.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';

/** After its end a day may still receive what Firehose buffered (at most 15 minutes) or retried. */
const GRACE_MS = HOUR_MS;
/** Objects fetched side by side. */
const PARALLEL = 16;
/** A larger day stays as Firehose wrote it: whoever reads it reads its objects. */
const MOST_BYTES = 256 * 1024 * 1024;
const MOST_OBJECTS = 100_000;

/** Members of a gzip file follow one another: unpacked, they are the lines of all. */
const compactDay = async (data: ArtifactStore, model: string, day: string): Promise<void> => {
  const objects = await data.list(captureDayPrefix(model, day), MOST_OBJECTS);
  const sizeBytes = objects.reduce((sum, object) => sum + object.sizeBytes, 0);
  if (objects.length === 0 || sizeBytes > MOST_BYTES) return;
  const bodies: Uint8Array[] = [];
  for (let start = 0; start < objects.length; start += PARALLEL) {
    const part = objects.slice(start, start + PARALLEL);
    bodies.push(...(await Promise.all(part.map(({ key }) => data.get(key)))));
  }
  await data.put(compactedCaptureKey(model, day), Buffer.concat(bodies), 'application/gzip');
};

/**
 * Brings each closed day of arrival into one file, for those who read lines: once, from its objects as they are. Doing it
 * twice at once writes the same lines, of which readers keep one an id.
 */
export const compactCaptures = async (
  data: ArtifactStore,
  { model, fromMs, nowMs }: { readonly model: string; readonly fromMs: number; readonly nowMs: number },
): Promise<void> => {
  for (let dayMs = fromMs; nowMs >= dayMs + DAY_MS + GRACE_MS; dayMs += DAY_MS) {
    const day = utcDay(dayMs);
    if (!(await data.exists(compactedCaptureKey(model, day)))) await compactDay(data, model, day);
  }
};
