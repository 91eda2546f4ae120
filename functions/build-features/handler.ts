import { createHash } from 'node:crypto';
import { runPrefix } from '../../shared/contracts/artifacts.ts';
import { type Definitions, definitionOf } from '../../shared/contracts/definitions.ts';
import { parseJsonFile } from '../../shared/contracts/json-file.ts';
import type { ModelDefinition } from '../../shared/contracts/model-definition.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { BuildFeaturesInput, SNAPSHOT_FILE, SnapshotSchema } from '../../shared/contracts/training-workflow.ts';
import { InvalidStateError } from '../../shared/kernel/errors.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { StepCache } from '../../shared/ports/step-cache.ts';
import { buildTables, type TableStores, writeReport } from './build-tables.ts';
import { type TrainerJob, trainerJobOf } from './trainer-job.ts';
import { isFeatureParts } from './write-parts.ts';

interface Deps extends TableStores {
  readonly definitions: Definitions;
  readonly artifacts: Pick<ArtifactStore, 'get' | 'put'>;
  readonly cache: StepCache;
  /** SHA-256 of this function's bundle. */
  readonly codeDigest: string;
}

/**
 * Turns the snapshot into the Parquet tables that training and evaluation read. Refuses, with the numbers, rows that
 * break the definition's checks. Everything depends on the snapshot and the definition alone: run again, it writes
 * the same rows to the same keys. Tables that the same code made of the same inputs before are copied instead, unless
 * `fresh` asks for the work itself.
 */
export const createHandler =
  ({ definitions, cache, codeDigest, ...stores }: Deps) =>
  async (event: unknown): Promise<{ trainedThroughMs: number; job: TrainerJob; cached: boolean }> => {
    const { model, runId, asOfMs, snapshotId, fresh } = parse(BuildFeaturesInput, event);
    const definition = definitionOf(definitions, model);
    const prefix = runPrefix(model, runId);
    const stored = await stores.artifacts.get(`${prefix}${SNAPSHOT_FILE}`);
    const snapshot = parseJsonFile(SnapshotSchema, stored, SNAPSHOT_FILE);
    if (snapshot.snapshotId !== snapshotId) {
      throw new InvalidStateError(`run ${runId} has snapshot ${snapshot.snapshotId}, not ${snapshotId}`);
    }
    const job = trainerJobOf(definition);
    const work = () => buildTables(stores, { definition, snapshot, asOfMs, prefix });
    const digest = digestOf(definition, codeDigest, snapshotId, asOfMs);
    const step = { keyOf: (name: string) => `${prefix}${name}`, isValue: isFeatureParts, work };
    const { value, cached } = fresh
      ? { ...(await work()), cached: false }
      : await cache.run({ model, step: 'build-features', digest }, step);
    await writeReport(stores, prefix, value, []);
    return { trainedThroughMs: value.trainedThroughMs, job, cached };
  };

/** Over everything that the tables depend on. */
const digestOf = (
  { task, data, features, checks, evaluation }: ModelDefinition,
  ...others: readonly (string | number)[]
): string =>
  createHash('sha256')
    .update(JSON.stringify([...others, task, data, features, checks, evaluation.holdoutDays]))
    .digest('hex');
