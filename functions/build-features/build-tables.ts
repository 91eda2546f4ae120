import { inScratchFolder } from '../../shared/adapters/duckdb/scratch-folder.ts';
import { downloadDataset } from '../../shared/adapters/s3/download-dataset.ts';
import { toJsonFile } from '../../shared/contracts/json-file.ts';
import type { ModelDefinition } from '../../shared/contracts/model-definition.ts';
import { FEATURE_REPORT_FILE, type Snapshot } from '../../shared/contracts/training-workflow.ts';
import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { StepResult } from '../../shared/ports/step-cache.ts';
import type { TableEngine } from '../../shared/ports/table-engine.ts';
import { judgeInputs } from './judge-inputs.ts';
import { type FeatureParts, writeParts } from './write-parts.ts';

export interface TableStores {
  readonly data: Pick<ArtifactStore, 'get'>;
  readonly artifacts: Pick<ArtifactStore, 'put'>;
  readonly openEngine: (spillFolder: string) => Promise<TableEngine>;
}

/** What the report of a run's tables says, findings included. */
export const writeReport = async (
  { artifacts }: Pick<TableStores, 'artifacts'>,
  prefix: string,
  parts: FeatureParts,
  findings: readonly string[],
): Promise<void> => {
  const report = { schemaVersion: 1, passed: findings.length === 0, findings, ...parts };
  await artifacts.put(`${prefix}${FEATURE_REPORT_FILE}`, toJsonFile(report), 'application/json');
};

/**
 * Builds and writes the tables of a run.
 * @throws InvalidRequestError for rows that break the definition's checks, with the numbers, once they are reported.
 */
export const buildTables = (
  stores: TableStores,
  {
    definition,
    snapshot,
    asOfMs,
    prefix,
  }: {
    readonly definition: ModelDefinition;
    readonly snapshot: Snapshot;
    readonly asOfMs: number;
    readonly prefix: string;
  },
): Promise<StepResult<FeatureParts>> =>
  inScratchFolder(async (folder) => {
    const files = await downloadDataset(stores.data, snapshot.objects, folder);
    const engine = await stores.openEngine(folder);
    try {
      const { split, findings } = await judgeInputs(engine, { definition, files, asOfMs });
      const { artifacts } = stores;
      const { parts, outputs } = await writeParts(engine, { definition, split, folder, artifacts, prefix });
      if (findings.length === 0) return { outputs, value: parts };
      await writeReport(stores, prefix, parts, findings);
      throw new InvalidRequestError(`the data is refused: ${findings.join('; ')}`);
    } finally {
      await engine.close();
    }
  });
