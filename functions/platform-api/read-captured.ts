import { unpackedLines } from '../../shared/adapters/s3/captured-lines.ts';
import { captureDayPrefix, compactedCaptureKey } from '../../shared/contracts/artifacts.ts';
import { CaptureRecordSchema, type PredictionRecord } from '../../shared/contracts/capture.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { NotFoundError } from '../../shared/kernel/errors.ts';
import { HOUR_MS, isoTime, utcDay } from '../../shared/kernel/time.ts';
import type { ArtifactStore, StoredObject } from '../../shared/ports/artifact-store.ts';

/** Reading captured predictions by the text of their lines: only a line that may be meant is decoded. */

export type Captures = Pick<ArtifactStore, 'get' | 'list'>;

/** One object's predictions whose lines hold `text`, with the number of the line each stands on, from 0. */
export const predictionsHolding = (
  body: Uint8Array,
  text: string,
): readonly { readonly record: PredictionRecord; readonly line: number }[] => {
  return unpackedLines(body).flatMap((content, line) => {
    if (!content.includes(text)) return [];
    const record = parse(CaptureRecordSchema, JSON.parse(content), 'captured line');
    return record.kind === 'prediction' ? [{ record, line }] : [];
  });
};

/** What Firehose wrote in the UTC hour that holds an instant. */
export const listHour = (data: Captures, model: string, atMs: number): Promise<readonly StoredObject[]> => {
  const hour = isoTime(Math.floor(atMs / HOUR_MS) * HOUR_MS).slice(11, 13);
  return data.list(`${captureDayPrefix(model, utcDay(atMs))}${hour}/`);
};

/** Everything that arrived on a day: the one file that it was compacted to, or else what Firehose wrote. */
export const readCompactedDay = async (
  data: Captures,
  model: string,
  day: string,
): Promise<{ readonly key: string; readonly body: Uint8Array } | undefined> => {
  const key = compactedCaptureKey(model, day);
  try {
    return { key, body: await data.get(key) };
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
};
