import { unpackedLines } from '../../shared/adapters/s3/captured-lines.ts';
import { captureDayPrefix } from '../../shared/contracts/artifacts.ts';
import { CaptureRecordSchema } from '../../shared/contracts/capture.ts';
import { parse } from '../../shared/contracts/parse.ts';
import type { CapturedInputs } from '../../shared/core/deployment/index.ts';
import { DAY_MS, utcDay } from '../../shared/kernel/time.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';

export interface CapturedRow {
  readonly predictionId: string;
  readonly atMs: number;
  readonly inputs: CapturedInputs;
}

interface Request {
  readonly model: string;
  readonly nowMs: number;
  /** Most predictions wanted. */
  readonly rows: number;
}

/** What is older says little of what callers send now. */
const LOOK_BACK_DAYS = 30;
/** Objects fetched side by side: what the newest of them holds is mostly enough. */
const PARALLEL = 8;
const MARK = '"kind":"prediction"';

const rowsIn = (body: Uint8Array): readonly CapturedRow[] =>
  unpackedLines(body)
    .filter((line) => line.includes(MARK))
    .flatMap((line) => {
      const record = parse(CaptureRecordSchema, JSON.parse(line), 'captured line');
      if (record.kind !== 'prediction') return [];
      const { predictionId, atMs, inputs } = record;
      return [{ predictionId, atMs, inputs }];
    });

/** The keys of a day's objects, newest first: Firehose names them by the time at which they were begun. */
const newestKeys = async (
  data: Pick<ArtifactStore, 'list'>,
  model: string,
  dayMs: number,
): Promise<readonly string[]> =>
  (await data.list(captureDayPrefix(model, utcDay(dayMs)))).map(({ key }) => key).toReversed();

/**
 * The newest predictions that were captured, whichever version answered: one row an id, newest first. Objects are read
 * from the newest on, and no more of them than needed.
 */
export const readNewest = async (
  data: Pick<ArtifactStore, 'list' | 'get'>,
  { model, nowMs, rows: most }: Request,
): Promise<readonly CapturedRow[]> => {
  const rows = new Map<string, CapturedRow>();
  const today = Math.floor(nowMs / DAY_MS) * DAY_MS;
  for (let daysAgo = 0; daysAgo < LOOK_BACK_DAYS && rows.size < most; daysAgo += 1) {
    const keys = await newestKeys(data, model, today - daysAgo * DAY_MS);
    for (let from = 0; from < keys.length && rows.size < most; from += PARALLEL) {
      const bodies = await Promise.all(keys.slice(from, from + PARALLEL).map((key) => data.get(key)));
      for (const row of bodies.flatMap(rowsIn)) if (!rows.has(row.predictionId)) rows.set(row.predictionId, row);
    }
  }
  return [...rows.values()]
    .toSorted((a, b) => b.atMs - a.atMs || (a.predictionId < b.predictionId ? -1 : 1))
    .slice(0, most);
};
