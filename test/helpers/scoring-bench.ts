import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHandler as createFinish } from '../../functions/finish-batch-scoring/handler.ts';
import { createHandler as createPlan } from '../../functions/plan-batch-scoring/handler.ts';
import { createHandler as createScore } from '../../functions/score-part/handler.ts';
import { openDuckDb } from '../../shared/adapters/duckdb/index.ts';
import { createMemoryArtifactStore } from '../../shared/adapters/memory/artifact-store.ts';
import { createMemoryEventPublisher } from '../../shared/adapters/memory/event-publisher.ts';
import { createMemoryRegistry } from '../../shared/adapters/memory/model-registry.ts';
import { createMemoryObjectRanges } from '../../shared/adapters/memory/object-ranges.ts';
import { createModelRuntime } from '../../shared/adapters/onnx/model-runtime.ts';
import { MODEL_FILE, SIGNATURE_FILE, type Signature } from '../../shared/contracts/artifacts.ts';
import { type ScoringJob, scoringItemsKey, scoringJobKey } from '../../shared/contracts/batch-scoring.ts';
import { toJsonFile } from '../../shared/contracts/json-file.ts';
import type { ScoringPart } from '../../shared/core/batch-scoring/index.ts';
import type { ObjectRanges } from '../../shared/ports/object-ranges.ts';
import { trainElsewhere } from './models-from-elsewhere.ts';

/** The steps of batch scoring over stores in memory, with the real DuckDB and ONNX runtime. */

export const SCORED_SIGNATURE: Signature = {
  task: 'binary-classification',
  inputs: [
    { name: 'x', datatype: 'FP32', shape: [-1, 1], nullable: true },
    { name: 'kind', datatype: 'BYTES', shape: [-1, 1], nullable: false },
  ],
  outputs: [{ name: 'probability', datatype: 'FP32', shape: [-1, 1] }],
};

/** Rows with a key, a number that is missing in some, and a category. */
export const scoredRowsSql = (rowCount: number, firstKey = 0): string => `
SELECT 'k' || (${firstKey} + i) AS row_key, CASE WHEN i % 97 = 5 THEN NULL ELSE (hash(i) % 1000) / 1000.0 END AS x,
  ['a', 'b', 'c'][1 + i % 3] AS kind, i AS unused FROM range(${rowCount}) AS t(i)`;

/** The Parquet file of a query. */
export const parquetOf = async (sql: string, rowGroupSize = 2_048): Promise<Uint8Array> => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-scored-'));
  const engine = await openDuckDb({ spillFolder: folder });
  try {
    const file = join(folder, 'rows.parquet');
    await engine.execute(`COPY (${sql}) TO '${file}' (FORMAT parquet, ROW_GROUP_SIZE ${rowGroupSize})`);
    return await readFile(file);
  } finally {
    await engine.close();
    await rm(folder, { recursive: true, force: true });
  }
};

/** What a query says of Parquet files, which it calls `file_0` and so on. */
export const queryParquet = async (files: readonly Uint8Array[], sql: string) => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-scored-'));
  const engine = await openDuckDb({ spillFolder: folder });
  try {
    for (const [i, bytes] of files.entries()) {
      const file = join(folder, `${i}.parquet`);
      await writeFile(file, bytes);
      await engine.execute(`CREATE VIEW file_${i} AS SELECT * FROM read_parquet('${file}')`);
    }
    return await engine.query(sql);
  } finally {
    await engine.close();
    await rm(folder, { recursive: true, force: true });
  }
};

export const openScoringBench = async (inputs: Readonly<Record<string, Uint8Array>>) => {
  const data = createMemoryArtifactStore();
  const artifacts = createMemoryArtifactStore();
  const { lineage } = createMemoryRegistry();
  const events = createMemoryEventPublisher();
  const model = trainElsewhere();
  const modelDigest = createHash('sha256').update(model).digest('hex');
  const artifactPrefix = `models/toy/${modelDigest}/`;
  await artifacts.put(`${artifactPrefix}${MODEL_FILE}`, model);
  await artifacts.put(`${artifactPrefix}${SIGNATURE_FILE}`, toJsonFile(SCORED_SIGNATURE));
  for (const [key, bytes] of Object.entries(inputs)) await data.put(`scoring/in/${key}`, bytes);
  const job: ScoringJob = {
    schemaVersion: 1,
    model: 'toy',
    jobId: 'june',
    version: 1,
    modelDigest,
    artifactPrefix,
    input: 'scoring/in/',
    output: 'scoring/in.scored/',
    principal: 'ann',
    askedAtMs: 1,
    asked: 'all',
    objects: (await data.list('scoring/in/')).map(({ key, etag, sizeBytes }) => ({ key, etag, sizeBytes })),
  };
  await artifacts.put(scoringJobKey('toy', 'june'), toJsonFile(job));
  const reads: Parameters<ObjectRanges['read']>[0][] = [];
  const pieces = createMemoryObjectRanges(data);
  const ranges: ObjectRanges = {
    read: (range) => {
      reads.push(range);
      return pieces.read(range);
    },
  };
  const openEngine = (spillFolder: string) => openDuckDb({ spillFolder });
  const runtime = createModelRuntime();
  const step = { model: 'toy', jobId: 'june' };
  const score = createScore({ artifacts, data, ranges, openEngine, runtime, peakMemoryMb: () => 1 });
  const readItems = async (): Promise<readonly ScoringPart[]> => {
    const lines = new TextDecoder().decode(await artifacts.get(scoringItemsKey('toy', 'june')));
    return lines.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as ScoringPart]));
  };
  const finish = createFinish({ artifacts, data, lineage, events, openEngine, clock: { nowMs: () => 9 } });
  return {
    artifacts,
    data,
    lineage,
    events,
    job,
    model,
    runtime,
    /** Ranges of the inputs that were read. */
    reads,
    plan: () => createPlan({ artifacts, ranges, openEngine })(step),
    readItems,
    score: (parts: readonly ScoringPart[]) => score({ ...step, parts }),
    finish: () => finish(step),
  };
};
