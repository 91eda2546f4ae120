import { unpackedLines } from '../../shared/adapters/s3/captured-lines.ts';
import { captureDayPrefix } from '../../shared/contracts/artifacts.ts';
import { CaptureRecordSchema } from '../../shared/contracts/capture.ts';
import { parse } from '../../shared/contracts/parse.ts';
import type { CapturedLine } from '../../shared/core/deployment/index.ts';
import { HOUR_MS, isoTime, utcDay } from '../../shared/kernel/time.ts';
import type { ArtifactStore, StoredObject } from '../../shared/ports/artifact-store.ts';
import { createLineSample } from './line-sample.ts';

export type Captures = Pick<ArtifactStore, 'get' | 'list'>;

interface Range {
  readonly model: string;
  readonly fromMs: number;
  /** Excluded. */
  readonly toMs: number;
  /** Until when lines of the range may have arrived. */
  readonly arrivedByMs: number;
}

export interface CapturedRange {
  readonly lines: readonly CapturedLine[];
  /** Invocations that failed and left a line, if every object was read. */
  readonly thrownCount?: number;
  readonly leftOutCount: number;
}

/** Objects fetched side by side: 5 MB of lines each at most. */
const PARALLEL = 4;
/** Objects of a look: beyond them every second, or third, is read. */
const MOST_OBJECTS = 64;
/** Lines of a look: beyond them those of half of the requests and units count, or a quarter. */
const MOST_LINES = 20_000;
/** What API Gateway answers for an invocation that threw. */
const BAD_GATEWAY = 502;

const hoursOf = ({ fromMs, arrivedByMs }: Range): readonly number[] => {
  const hours: number[] = [];
  for (let atMs = Math.floor(fromMs / HOUR_MS) * HOUR_MS; atMs <= arrivedByMs; atMs += HOUR_MS) hours.push(atMs);
  return hours;
};

/** What Firehose wrote since the range began, in the order of its arrival. */
export const listArrived = async (data: Captures, range: Range): Promise<readonly StoredObject[]> => {
  const listed: StoredObject[] = [];
  for (const hourMs of hoursOf(range)) {
    const prefix = `${captureDayPrefix(range.model, utcDay(hourMs))}${isoTime(hourMs).slice(11, 13)}/`;
    listed.push(...(await data.list(prefix)));
  }
  return listed.filter(({ lastModifiedMs }) => lastModifiedMs >= range.fromMs);
};

/** The lines of an object in a range; labels are none of them. */
export const linesIn = (body: Uint8Array, { fromMs, toMs }: Pick<Range, 'fromMs' | 'toMs'>): readonly CapturedLine[] =>
  unpackedLines(body).flatMap((text) => {
    const raw = JSON.parse(text) as { readonly kind?: unknown; readonly atMs?: unknown };
    const isIn = typeof raw.atMs === 'number' && raw.atMs >= fromMs && raw.atMs < toMs;
    if (raw.kind === 'label' || !isIn) return [];
    const record = parse(CaptureRecordSchema, raw, 'captured line');
    return record.kind === 'label' ? [] : [record];
  });

/** Captured lines of a stretch of time, in bounded memory. */
export const readCaptured = async (data: Captures, range: Range): Promise<CapturedRange> => {
  const listed = await listArrived(data, range);
  const every = Math.ceil(listed.length / MOST_OBJECTS);
  const objects = listed.filter((_, i) => i % every === 0);
  const sample = createLineSample(MOST_LINES);
  const thrown = new Set<string>();
  for (let start = 0; start < objects.length; start += PARALLEL) {
    const bodies = await Promise.all(objects.slice(start, start + PARALLEL).map(({ key }) => data.get(key)));
    for (const line of bodies.flatMap((body) => linesIn(body, range))) {
      if (line.status === BAD_GATEWAY) thrown.add(line.predictionId);
      sample.add(line);
    }
  }
  return { ...sample.taken(), ...(every > 1 ? {} : { thrownCount: thrown.size }) };
};
