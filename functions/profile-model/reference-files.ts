import { REFERENCE_PROFILE_FILE } from '../../shared/contracts/artifacts.ts';
import { driftDefinitionOf } from '../../shared/contracts/drift-definition.ts';
import { toJsonFile } from '../../shared/contracts/json-file.ts';
import type { ModelDefinition } from '../../shared/contracts/model-definition.ts';
import { DRIFT_CALIBRATION_FILE, DRIFT_REFERENCE_FILE } from '../../shared/contracts/monitoring-keys.ts';
import { calibrateDrift } from '../../shared/core/drift/index.ts';
import { encodeReference, makeProfile, makeTrainingReference } from '../../shared/core/monitoring/index.ts';
import type { TrainingTable } from '../../shared/ports/training-table.ts';

/**
 * What drift checks hold the version's traffic to: its rows in the whole and by day, and how far days stray when nothing
 * has changed.
 */
export const referenceFiles = (
  definition: ModelDefinition,
  table: TrainingTable,
  predictions: Float32Array,
): readonly (readonly [file: string, bytes: Uint8Array])[] => {
  const { falseAlarmsPerYear, smallestEffect, blockDays, slices } = driftDefinitionOf(definition);
  const { windowDays } = definition.monitors;
  const { task, features } = definition;
  const { columns, eventAtMs } = table;
  const profile = makeProfile({ task, features, ...table, predictions, windowDays });
  const reference = makeTrainingReference({ features, columns, eventAtMs, predictions, blockDays, slices });
  const calibration = calibrateDrift(reference, { falseAlarmsPerYear, smallestEffect, windowDays });
  return [
    [REFERENCE_PROFILE_FILE, toJsonFile(profile)],
    [DRIFT_REFERENCE_FILE, encodeReference(reference)],
    [DRIFT_CALIBRATION_FILE, toJsonFile(calibration)],
  ];
};
