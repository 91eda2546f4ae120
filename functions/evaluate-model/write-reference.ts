import { runPrefix } from '../../shared/contracts/artifacts.ts';
import { toJsonFile } from '../../shared/contracts/json-file.ts';
import type { ModelDefinition } from '../../shared/contracts/model-definition.ts';
import { PERFORMANCE_REFERENCE_FILE } from '../../shared/contracts/monitoring-keys.ts';
import { performanceSettingsOf } from '../../shared/contracts/performance-definition.ts';
import { makePerformanceReference } from '../../shared/core/performance/index.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { TrainingTable } from '../../shared/ports/training-table.ts';

interface HeldOut {
  readonly definition: ModelDefinition;
  readonly runId: string;
  readonly table: Pick<TrainingTable, 'labels' | 'eventAtMs'>;
  /** The candidate's, which did not learn from these rows. */
  readonly predictions: ArrayLike<number>;
}

/** Writes what the candidate did on the hold-out: its version is held to it in service, and its answers calibrated by it. */
export const writeReference = async (
  artifacts: Pick<ArtifactStore, 'put'>,
  { definition, runId, table, predictions }: HeldOut,
): Promise<void> => {
  const { labels, eventAtMs } = table;
  const reference = makePerformanceReference({ labels, predictions, eventAtMs }, performanceSettingsOf(definition));
  const key = `${runPrefix(definition.name, runId)}${PERFORMANCE_REFERENCE_FILE}`;
  await artifacts.put(key, toJsonFile(reference), 'application/json');
};
