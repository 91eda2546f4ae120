import { hash } from 'node:crypto';
import { datasetPrefix, runPrefix } from '../../shared/contracts/artifacts.ts';
import { type Definitions, definitionOf } from '../../shared/contracts/definitions.ts';
import { parseJsonFile, toJsonFile } from '../../shared/contracts/json-file.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { SNAPSHOT_FILE, SnapshotDataInput, SnapshotSchema } from '../../shared/contracts/training-workflow.ts';
import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import { utcDay } from '../../shared/kernel/time.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { LineageStore } from '../../shared/ports/lineage-store.ts';
import { recordSources } from './record-sources.ts';

interface Deps {
  readonly definitions: Definitions;
  readonly data: Pick<ArtifactStore, 'list'>;
  readonly artifacts: Pick<ArtifactStore, 'putIfAbsent' | 'get'>;
  readonly lineage: Pick<LineageStore, 'record'>;
  readonly clock: Clock;
}

interface Output {
  readonly snapshotId: string;
  readonly objectCount: number;
  readonly sizeBytes: number;
}

const DAY_OF_OBJECT = /\/known=(\d{4}-\d{2}-\d{2})\/[^/]+\.parquet$/;

/**
 * Writes down which objects of the dataset a run trains on: the Parquet files in `known=<UTC day>` folders up to the
 * day of `asOfMs`. The id is the digest of keys, sizes and ETags, so equal data has an equal id in every run. The first
 * snapshot of a run stands: repeated later, when more data has arrived, the same one is returned. From here on the run
 * is known to lineage, whatever becomes of it.
 */
export const createHandler =
  ({ definitions, data, artifacts, lineage, clock }: Deps) =>
  async (event: unknown): Promise<Output> => {
    const { model, runId, asOfMs } = parse(SnapshotDataInput, event);
    const definition = definitionOf(definitions, model);
    const { dataset } = definition.data;
    const today = utcDay(asOfMs);
    const objects = (await data.list(datasetPrefix(dataset)))
      .filter(({ key }) => (DAY_OF_OBJECT.exec(key)?.[1] ?? '9') <= today)
      .map(({ key, sizeBytes, etag }) => ({ key, sizeBytes, etag }));
    if (objects.length === 0) {
      throw new InvalidRequestError(`dataset ${dataset} has no data known by ${today} under ${datasetPrefix(dataset)}`);
    }
    const snapshotId = hash('sha256', JSON.stringify([dataset, objects]));
    const taken = { schemaVersion: 1 as const, snapshotId, dataset, asOfMs, objects };
    const key = `${runPrefix(model, runId)}${SNAPSHOT_FILE}`;
    const written = await artifacts.putIfAbsent(key, toJsonFile(taken), 'application/json');
    const standing = written ? taken : parseJsonFile(SnapshotSchema, await artifacts.get(key), key);
    await recordSources(lineage, { definition, runId, snapshotId: standing.snapshotId, recordedAtMs: clock.nowMs() });
    const sizeBytes = standing.objects.reduce((sum, object) => sum + object.sizeBytes, 0);
    return { snapshotId: standing.snapshotId, objectCount: standing.objects.length, sizeBytes };
  };
