import { gunzipSync } from 'node:zlib';
import { captureDayPrefix, compactedCaptureKey } from '../../shared/contracts/artifacts.ts';
import { CaptureRecordSchema } from '../../shared/contracts/capture.ts';
import { parse } from '../../shared/contracts/parse.ts';
import type { CapturedRow } from '../../shared/core/features/index.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';

const PARALLEL = 16;
/** Only lines of predictions by entity hold it. */
const MARK = '"sources"';

/** The day in one file, once the drift check has compacted it; until then what Firehose wrote. */
const objectsOf = async (data: Pick<ArtifactStore, 'list'>, model: string, day: string): Promise<readonly string[]> => {
  const compactedKey = compactedCaptureKey(model, day);
  const compacted = await data.list(compactedKey);
  if (compacted.some(({ key }) => key === compactedKey)) return [compactedKey];
  return (await data.list(captureDayPrefix(model, day))).map(({ key }) => key);
};

const rowsIn = (body: Uint8Array): readonly CapturedRow[] =>
  gunzipSync(body)
    .toString('utf8')
    .split('\n')
    .filter((line) => line.includes(MARK))
    .flatMap((line) => {
      const record = parse(CaptureRecordSchema, JSON.parse(line), 'captured line');
      if (record.kind !== 'prediction' || record.sources === undefined) return [];
      const { predictionId, atMs, inputs, sources } = record;
      return [{ predictionId, atMs, inputs, sources }];
    });

/** The predictions by entity that were captured on a UTC day, one for each id. */
export const readEntityRows = async (
  data: Pick<ArtifactStore, 'list' | 'get'>,
  { model, day }: { readonly model: string; readonly day: string },
): Promise<readonly CapturedRow[]> => {
  const keys = await objectsOf(data, model, day);
  const rows = new Map<string, CapturedRow>();
  for (let from = 0; from < keys.length; from += PARALLEL) {
    const bodies = await Promise.all(keys.slice(from, from + PARALLEL).map((key) => data.get(key)));
    for (const row of bodies.flatMap(rowsIn)) rows.set(row.predictionId, row);
  }
  return [...rows.values()];
};
