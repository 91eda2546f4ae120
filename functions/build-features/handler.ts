import { runPrefix } from '../../shared/contracts/artifacts.ts';
import { type Definitions, definitionOf } from '../../shared/contracts/definitions.ts';
import { parseJsonFile, toJsonFile } from '../../shared/contracts/json-file.ts';
import { parse } from '../../shared/contracts/parse.ts';
import {
  BuildFeaturesInput,
  FEATURE_REPORT_FILE,
  SNAPSHOT_FILE,
  SnapshotSchema,
} from '../../shared/contracts/training-workflow.ts';
import { InvalidRequestError, InvalidStateError } from '../../shared/kernel/errors.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { TableEngine } from '../../shared/ports/table-engine.ts';
import { downloadDataset } from './download-dataset.ts';
import { judgeInputs } from './judge-inputs.ts';
import { inScratchFolder } from './scratch-folder.ts';
import { type TrainerJob, trainerJobOf } from './trainer-job.ts';
import { writeParts } from './write-parts.ts';

interface Deps {
  readonly definitions: Definitions;
  readonly data: Pick<ArtifactStore, 'get'>;
  readonly artifacts: Pick<ArtifactStore, 'get' | 'put'>;
  readonly openEngine: (spillFolder: string) => Promise<TableEngine>;
}

/**
 * Turns the snapshot into the Parquet tables that training and evaluation read. Refuses, with the numbers, rows that
 * break the definition's checks. Everything depends on the snapshot and the definition alone: run again, it writes
 * the same rows to the same keys.
 */
export const createHandler =
  ({ definitions, data, artifacts, openEngine }: Deps) =>
  async (event: unknown): Promise<{ readonly trainedThroughMs: number; readonly job: TrainerJob }> => {
    const { model, runId, asOfMs, snapshotId } = parse(BuildFeaturesInput, event);
    const definition = definitionOf(definitions, model);
    const prefix = runPrefix(model, runId);
    const snapshot = parseJsonFile(SnapshotSchema, await artifacts.get(`${prefix}${SNAPSHOT_FILE}`), SNAPSHOT_FILE);
    if (snapshot.snapshotId !== snapshotId) {
      throw new InvalidStateError(`run ${runId} has snapshot ${snapshot.snapshotId}, not ${snapshotId}`);
    }
    return inScratchFolder(async (folder) => {
      const files = await downloadDataset(data, snapshot.objects, folder);
      const engine = await openEngine(folder);
      try {
        const { split, findings } = await judgeInputs(engine, { definition, files, asOfMs });
        const parts = await writeParts(engine, { definition, split, folder, artifacts, prefix });
        const report = { schemaVersion: 1, passed: findings.length === 0, findings, ...parts };
        await artifacts.put(`${prefix}${FEATURE_REPORT_FILE}`, toJsonFile(report), 'application/json');
        if (findings.length > 0) throw new InvalidRequestError(`the data is refused: ${findings.join('; ')}`);
        return { trainedThroughMs: parts.trainedThroughMs, job: trainerJobOf(definition) };
      } finally {
        await engine.close();
      }
    });
  };
