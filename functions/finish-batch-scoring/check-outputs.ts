import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { countScored } from '../../shared/adapters/duckdb/count-scored.ts';
import {
  type ScoringJob,
  type ScoringManifest,
  scoredPartKey,
  scoredPrefix,
  scoringManifestKey,
} from '../../shared/contracts/batch-scoring.ts';
import { countScoredSql, coverageFault, MOST_PARTS, type ScoringPart } from '../../shared/core/batch-scoring/index.ts';
import { InvalidStateError } from '../../shared/kernel/errors.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { TableEngine } from '../../shared/ports/table-engine.ts';

type ScoredPart = ScoringManifest['parts'][number];

const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

/** @throws InvalidStateError when an output is missing, or something else lies among them. */
const listOutputs = async (
  data: Pick<ArtifactStore, 'list'>,
  job: ScoringJob,
  parts: readonly ScoringPart[],
): Promise<ReadonlyMap<string, string>> => {
  // The manifest stands there too when this was done before.
  const found = await data.list(scoredPrefix(job), MOST_PARTS + 1);
  const etags = new Map(found.map(({ key, etag }) => [key, etag]));
  etags.delete(scoringManifestKey(job));
  const missing = parts.filter(({ part }) => !etags.has(scoredPartKey(job, part)));
  if (missing.length > 0) {
    throw new InvalidStateError(
      `${missing.length} of ${parts.length} parts have no output, part ${missing[0]?.part} first`,
    );
  }
  const expected = new Set(parts.map(({ part }) => scoredPartKey(job, part)));
  const strange = [...etags.keys()].find((key) => !expected.has(key));
  if (strange !== undefined) throw new InvalidStateError(`${strange} lies among the outputs of the job and is none`);
  return etags;
};

/**
 * Reads every output again and counts it.
 * @returns the manifest of what is exactly one row for each row of the input.
 * @throws InvalidStateError that names the first part which is not.
 */
export const checkOutputs = async (
  {
    data,
    engine,
    folder,
  }: {
    readonly data: Pick<ArtifactStore, 'list' | 'get'>;
    readonly engine: TableEngine;
    readonly folder: string;
  },
  job: ScoringJob,
  parts: readonly ScoringPart[],
): Promise<ScoringManifest> => {
  const etags = await listOutputs(data, job, parts);
  const file = join(folder, 'output.parquet');
  const scored: ScoredPart[] = [];
  for (const part of parts) {
    const key = scoredPartKey(job, part.part);
    const bytes = await data.get(key, etags.get(key));
    await writeFile(file, bytes);
    const fault = coverageFault(part, job.modelDigest, await countScored(engine, countScoredSql(file)));
    if (fault !== undefined) throw new InvalidStateError(fault);
    const { fromRow, rowCount } = part;
    scored.push({ key, sha256: sha256(bytes), sizeBytes: bytes.byteLength, input: part.key, fromRow, rowCount });
  }
  const { model, version, modelDigest, jobId, input } = job;
  return {
    schemaVersion: 1,
    ...{ model, version, modelDigest, jobId, input },
    rowCount: scored.reduce((sum, { rowCount }) => sum + rowCount, 0),
    digest: sha256(scored.map((part) => part.sha256).join('\n')),
    parts: scored,
  };
};
