import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { createGunzip, gunzipSync } from 'node:zlib';
import { captureDayPrefix, capturePrefix, compactedCaptureKey, compactedPrefix } from '../../contracts/artifacts.ts';
import {
  CaptureRecordSchema,
  type FailureRecord,
  type LabelRecord,
  type PredictionRecord,
} from '../../contracts/capture.ts';
import { parse } from '../../contracts/parse.ts';
import { DAY_MS, utcDay } from '../../kernel/time.ts';
import type { ArtifactStore } from '../../ports/artifact-store.ts';

type Captures = Pick<ArtifactStore, 'get' | 'list'>;

/** The lines of a small object, all at once. */
export const unpackedLines = (body: Uint8Array): readonly string[] =>
  gunzipSync(body)
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '');

/** A buffer of five MB every second of ten days. */
const MOST_OBJECTS = 1_000_000;

/** Packed bytes up to which an object is unpacked at once: faster, and in no other thread. */
const AT_ONCE_BYTES = 4 * 2 ** 20;

async function* linesOf(body: Uint8Array): AsyncGenerator<string> {
  if (body.length <= AT_ONCE_BYTES) {
    yield* unpackedLines(body);
    return;
  }
  const text = Readable.from([body]).pipe(createGunzip());
  for await (const line of createInterface({ input: text, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line !== '') yield line;
  }
}

/** The records of an object, of a large one a line held at a time. @throws InvalidRequestError for a line of another form. */
export async function* capturedRecords(
  body: Uint8Array,
): AsyncGenerator<PredictionRecord | LabelRecord | FailureRecord> {
  for await (const line of linesOf(body)) yield parse(CaptureRecordSchema, JSON.parse(line), 'captured line');
}

/** A day in one file, once the drift check has compacted it; until then what Firehose wrote. */
export const capturedKeysOfDay = async (
  data: Pick<Captures, 'list'>,
  model: string,
  day: string,
): Promise<readonly string[]> => {
  const compactedKey = compactedCaptureKey(model, day);
  const compacted = await data.list(compactedKey);
  if (compacted.some(({ key }) => key === compactedKey)) return [compactedKey];
  return (await data.list(captureDayPrefix(model, day))).map(({ key }) => key);
};

/**
 * The same of all UTC days of arrival from one to another, both included, in the order of the days: two listings, whatever
 * the days.
 */
export const capturedKeysOfDays = async (
  data: Pick<Captures, 'list'>,
  { model, fromDay, toDay }: { readonly model: string; readonly fromDay: string; readonly toDay: string },
): Promise<readonly string[]> => {
  const dayBefore = utcDay(Date.parse(fromDay) - DAY_MS);
  const [compacted, captured] = await Promise.all([
    data.list(compactedPrefix(model), MOST_OBJECTS, compactedCaptureKey(model, dayBefore)),
    data.list(capturePrefix(model), MOST_OBJECTS, captureDayPrefix(model, fromDay)),
  ]);
  const prefix = capturePrefix(model);
  const byDay = Map.groupBy(
    captured.map(({ key }) => key),
    (key) => key.slice(prefix.length, prefix.length + fromDay.length).replaceAll('/', '-'),
  );
  for (const { key } of compacted) byDay.set(key.slice(compactedPrefix(model).length).slice(0, fromDay.length), [key]);
  return [...byDay]
    .filter(([day]) => day <= toDay)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, keys]) => keys);
};

/**
 * The lines that arrived on the UTC days of `[fromMs, toMs)`, and in the first hour after them, where `toMs` is the start
 * of a day: what was sent before it may arrive then. One object is held at a time, and of a large one a line.
 */
export async function* capturedLines(
  data: Captures,
  { model, fromMs, toMs }: { readonly model: string; readonly fromMs: number; readonly toMs: number },
): AsyncGenerator<string> {
  const days = { fromDay: utcDay(fromMs), toDay: utcDay(toMs - DAY_MS) };
  for (const key of await capturedKeysOfDays(data, { model, ...days })) yield* linesOf(await data.get(key));
  const late = await data.list(`${captureDayPrefix(model, utcDay(toMs))}00/`);
  for (const { key } of late) yield* linesOf(await data.get(key));
}
