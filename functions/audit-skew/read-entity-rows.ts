import { capturedKeysOfDay, unpackedLines } from '../../shared/adapters/s3/captured-lines.ts';
import { CaptureRecordSchema } from '../../shared/contracts/capture.ts';
import { parse } from '../../shared/contracts/parse.ts';
import type { CapturedRow } from '../../shared/core/features/index.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';

const PARALLEL = 16;
/** Only lines of predictions by entity hold it. */
const MARK = '"sources"';

const rowsIn = (body: Uint8Array): readonly CapturedRow[] =>
  unpackedLines(body)
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
  const keys = await capturedKeysOfDay(data, model, day);
  const rows = new Map<string, CapturedRow>();
  for (let from = 0; from < keys.length; from += PARALLEL) {
    const bodies = await Promise.all(keys.slice(from, from + PARALLEL).map((key) => data.get(key)));
    for (const row of bodies.flatMap(rowsIn)) rows.set(row.predictionId, row);
  }
  return [...rows.values()];
};
