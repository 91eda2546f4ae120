import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import type { ModelDefinition } from '../../shared/contracts/model-definition.ts';
import {
  ALL_TABLE,
  type FeatureReport,
  FeatureReportSchema,
  HOLDOUT_TABLE,
  TRAIN_TABLE,
} from '../../shared/contracts/training-workflow.ts';
import { type TrainingPart, type TrainingSplit, writePartSql } from '../../shared/core/features/index.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { StepOutput } from '../../shared/ports/step-cache.ts';
import type { TableEngine } from '../../shared/ports/table-engine.ts';

/** The tables' files by part; the step cache calls them so too. */
const PARTS = { train: TRAIN_TABLE, holdout: HOLDOUT_TABLE, all: ALL_TABLE } as const;

/** What a run's feature report says of the tables. */
export type FeatureParts = Omit<FeatureReport, 'schemaVersion' | 'passed' | 'findings'>;

export const isFeatureParts = (value: unknown): value is FeatureParts =>
  v.is(v.omit(FeatureReportSchema, ['schemaVersion', 'passed', 'findings']), value);

interface PartSummary {
  readonly output: StepOutput;
  readonly rowCount: number;
  readonly labelMean: number;
  readonly newestKnownAtMs: number;
}

/** Writes the three tables and says what is in them. */
export const writeParts = async (
  engine: TableEngine,
  to: {
    readonly definition: ModelDefinition;
    readonly split: TrainingSplit;
    readonly folder: string;
    readonly artifacts: Pick<ArtifactStore, 'put'>;
    readonly prefix: string;
  },
): Promise<{ readonly parts: FeatureParts; readonly outputs: readonly StepOutput[] }> => {
  const { definition, split } = to;
  const writePart = async (part: TrainingPart): Promise<PartSummary> => {
    const file = join(to.folder, `${part}.parquet`);
    const { features, data } = definition;
    await engine.execute(writePartSql({ part, split, features, maxRows: data.maxRows, file }));
    const [row] = await engine.query(
      `SELECT count(*) AS row_count, avg(label ORDER BY event_at_ms, row_key) AS label_mean,
max(label_known_at_ms) AS newest_known_at_ms FROM read_parquet('${file.replaceAll("'", "''")}')`,
    );
    const key = `${to.prefix}${PARTS[part]}`;
    const { etag } = await to.artifacts.put(key, await readFile(file), 'application/vnd.apache.parquet');
    return {
      output: { name: PARTS[part], key, etag },
      rowCount: Number(row?.row_count ?? 0),
      labelMean: Number(row?.label_mean ?? 0),
      newestKnownAtMs: Number(row?.newest_known_at_ms ?? 0),
    };
  };
  // One after the other: the engine has one thread and the machine one disk.
  const train = await writePart('train');
  const holdout = await writePart('holdout');
  const all = await writePart('all');
  const parts = {
    rowCounts: { train: train.rowCount, holdout: holdout.rowCount, all: all.rowCount },
    trainingLabelMean: train.labelMean,
    holdoutFromMs: split.holdoutFromMs,
    holdoutToMs: split.holdoutToMs,
    trainedThroughMs: all.newestKnownAtMs,
  };
  return { parts, outputs: [train.output, holdout.output, all.output] };
};
