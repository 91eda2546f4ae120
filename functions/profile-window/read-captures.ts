import { gunzipSync, gzipSync } from 'node:zlib';
import { captureDayPrefix, compactedCaptureKey } from '../../shared/contracts/artifacts.ts';
import { CaptureRecordSchema } from '../../shared/contracts/capture.ts';
import { parse } from '../../shared/contracts/parse.ts';
import type { CaptureRecord } from '../../shared/core/monitoring/index.ts';
import { NotFoundError } from '../../shared/kernel/errors.ts';
import { DAY_MS, HOUR_MS, utcDay } from '../../shared/kernel/time.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';

/** After its end a day may still receive what Firehose buffered (at most 15 minutes) or retried. */
const GRACE_MS = HOUR_MS;
/** Objects fetched side by side. */
const PARALLEL = 16;

interface Request {
  readonly model: string;
  /** First instant of the first arrival day, and the instant up to which days are read. */
  readonly fromMs: number;
  readonly nowMs: number;
}

const readDayObjects = async (data: ArtifactStore, prefix: string): Promise<string> => {
  const objects = await data.list(prefix);
  const texts: string[] = [];
  for (let start = 0; start < objects.length; start += PARALLEL) {
    const batch = objects.slice(start, start + PARALLEL);
    const bodies = await Promise.all(batch.map(({ key }) => data.get(key)));
    texts.push(...bodies.map((body) => gunzipSync(body).toString('utf8')));
  }
  return texts.join('');
};

const readCompacted = async (data: ArtifactStore, key: string): Promise<string | undefined> => {
  try {
    return gunzipSync(await data.get(key)).toString('utf8');
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
};

/** A closed day is compacted once; doing it twice at once writes the same lines, of which readers keep one an id. */
const readDay = async (data: ArtifactStore, { model, nowMs }: Request, dayMs: number): Promise<string> => {
  const day = utcDay(dayMs);
  const closed = nowMs >= dayMs + DAY_MS + GRACE_MS;
  const key = compactedCaptureKey(model, day);
  const compacted = closed ? await readCompacted(data, key) : undefined;
  if (compacted !== undefined) return compacted;
  const text = await readDayObjects(data, captureDayPrefix(model, day));
  if (closed) await data.put(key, gzipSync(text), 'application/gzip');
  return text;
};

/** Every captured line that arrived from `fromMs` (a day's start) until now, predictions and labels alike. */
export const readCaptures = async (data: ArtifactStore, request: Request): Promise<readonly CaptureRecord[]> => {
  const records: CaptureRecord[] = [];
  for (let dayMs = request.fromMs; dayMs <= request.nowMs; dayMs += DAY_MS) {
    const lines = (await readDay(data, request, dayMs)).split('\n').filter((line) => line !== '');
    for (const line of lines) {
      const record = parse(CaptureRecordSchema, JSON.parse(line), 'captured line');
      // Of a request that failed there is nothing to profile.
      if (record.kind !== 'failure') records.push(record);
    }
  }
  return records;
};
