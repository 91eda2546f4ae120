import type { ModelDefinition } from '../../shared/contracts/model-definition.ts';
import { HOLDOUT_TABLE, TRAIN_TABLE } from '../../shared/contracts/training-workflow.ts';
import type { LabelledRows } from '../../shared/core/retraining/index.ts';
import { assert } from '../../shared/kernel/assert.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { ReadTrainingTable } from '../../shared/ports/training-table.ts';

/** When the label became known: beside the features in every table of a run. */
const KNOWN_AT = 'label_known_at_ms';

/** A run's table with the instants at which its labels became known. */
const readLabelledRows = async (
  readTable: ReadTrainingTable,
  parquet: Uint8Array,
  features: readonly string[],
): Promise<LabelledRows> => {
  const { columns, ...table } = await readTable(parquet, [...features, KNOWN_AT]);
  const knownAtMs = columns.get(KNOWN_AT);
  assert(knownAtMs instanceof Float64Array, `${KNOWN_AT} is a number`);
  return { ...table, knownAtMs, columns: new Map([...columns].filter(([name]) => name !== KNOWN_AT)) };
};

/** The rows that a run's candidate learns from, and its holdout. */
export const readTables = async ({
  artifacts,
  readTable,
  prefix,
  definition,
}: {
  readonly artifacts: Pick<ArtifactStore, 'get'>;
  readonly readTable: ReadTrainingTable;
  readonly prefix: string;
  readonly definition: ModelDefinition;
}): Promise<{ readonly rows: LabelledRows; readonly holdout: LabelledRows }> => {
  const names = definition.features.map(({ name }) => name);
  const read = async (file: string): Promise<LabelledRows> =>
    readLabelledRows(readTable, await artifacts.get(`${prefix}${file}`), names);
  // One after the other: a table in memory is as large as several of its file.
  const rows = await read(TRAIN_TABLE);
  return { rows, holdout: await read(HOLDOUT_TABLE) };
};
