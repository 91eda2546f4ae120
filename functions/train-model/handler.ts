import { METRICS_FILE, MODEL_FILE, runPrefix, SIGNATURE_FILE } from '../../shared/contracts/artifacts.ts';
import { type Definitions, definitionOf } from '../../shared/contracts/definitions.ts';
import { toJsonFile } from '../../shared/contracts/json-file.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { ALL_TABLE, phaseModelPrefix, TRAIN_TABLE, TrainModelInput } from '../../shared/contracts/training-workflow.ts';
import { InvalidStateError } from '../../shared/kernel/errors.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { ReadTrainingTable } from '../../shared/ports/training-table.ts';
import { type LambdaLimits, trainOnTable } from './train-on-table.ts';

interface Deps {
  readonly definitions: Definitions;
  readonly artifacts: Pick<ArtifactStore, 'get' | 'put'>;
  readonly readTable: ReadTrainingTable;
  readonly limits: LambdaLimits;
}

/**
 * Trains by the built-in trainer and writes model.onnx, signature.json and metrics.json. The bytes depend on the rows
 * and the settings alone: run again, also after a death between two files, it writes the same.
 */
export const createHandler =
  ({ definitions, artifacts, readTable, limits }: Deps) =>
  async (event: unknown): Promise<{ readonly prefix: string }> => {
    const { model, runId, phase, rounds } = parse(TrainModelInput, event);
    const { task, features, trainer } = definitionOf(definitions, model);
    if (trainer.kind !== 'built-in') {
      throw new InvalidStateError(`model ${model} trains by ${trainer.kind}, not by the built-in trainer`);
    }
    const run = runPrefix(model, runId);
    const names = features.map(({ name }) => name);
    const tableKey = `${run}${phase === 'refit' ? ALL_TABLE : TRAIN_TABLE}`;
    const table = await readTable(await artifacts.get(tableKey), names);
    // The refit has no newest rows to stop by: it grows as many trees as were best for the candidate.
    const { kind: _, ...settings } = rounds === null ? trainer : { ...trainer, rounds, earlyStoppingRounds: 0 };
    const trained = trainOnTable(table, { task, features, settings, limits, log: { model, runId, phase } });
    const prefix = `${run}${phaseModelPrefix(phase)}`;
    await artifacts.put(`${prefix}${MODEL_FILE}`, trained.onnx);
    await artifacts.put(`${prefix}${SIGNATURE_FILE}`, toJsonFile(trained.signature), 'application/json');
    await artifacts.put(`${prefix}${METRICS_FILE}`, toJsonFile(trained.metrics), 'application/json');
    return { prefix };
  };
