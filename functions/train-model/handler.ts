import { createHash } from 'node:crypto';
import { runPrefix } from '../../shared/contracts/artifacts.ts';
import { type Definitions, definitionOf } from '../../shared/contracts/definitions.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { ALL_TABLE, phaseModelPrefix, TRAIN_TABLE, TrainModelInput } from '../../shared/contracts/training-workflow.ts';
import { InvalidStateError } from '../../shared/kernel/errors.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { StepCache, StepResult } from '../../shared/ports/step-cache.ts';
import type { ReadTrainingTable } from '../../shared/ports/training-table.ts';
import { type LambdaLimits, trainOnTable } from './train-on-table.ts';
import { writeModel } from './write-model.ts';

interface Deps {
  readonly definitions: Definitions;
  readonly artifacts: Pick<ArtifactStore, 'get' | 'put'>;
  readonly readTable: ReadTrainingTable;
  readonly limits: LambdaLimits;
  readonly cache: StepCache;
  /** SHA-256 of this function's bundle. */
  readonly codeDigest: string;
}

/**
 * Trains by the built-in trainer and writes model.onnx, signature.json, metrics.json and covers.json. The bytes depend on the rows
 * and the settings alone: run again, also after a death between two files, it writes the same. What the same code made
 * of the same rows and settings before is copied instead, unless `fresh` asks for the work itself.
 */
export const createHandler =
  ({ definitions, artifacts, readTable, limits, cache, codeDigest }: Deps) =>
  async (event: unknown): Promise<{ readonly prefix: string; readonly cached: boolean }> => {
    const { model, runId, phase, rounds, fresh } = parse(TrainModelInput, event);
    const { task, features, trainer } = definitionOf(definitions, model);
    if (trainer.kind !== 'built-in') {
      throw new InvalidStateError(`model ${model} trains by ${trainer.kind}, not by the built-in trainer`);
    }
    const run = runPrefix(model, runId);
    const prefix = `${run}${phaseModelPrefix(phase)}`;
    const rows = await artifacts.get(`${run}${phase === 'refit' ? ALL_TABLE : TRAIN_TABLE}`);
    // The refit has no newest rows to stop by: it grows as many trees as were best for the candidate.
    const { kind: _, ...settings } = rounds === null ? trainer : { ...trainer, rounds, earlyStoppingRounds: 0 };
    const names = features.map(({ name }) => name);

    const work = async (): Promise<StepResult<null>> => {
      const log = { model, runId, phase };
      const trained = trainOnTable(await readTable(rows, names), { task, features, settings, limits, log });
      return { outputs: await writeModel(artifacts, prefix, trained), value: null };
    };
    if (fresh) {
      await work();
      return { prefix, cached: false };
    }
    const inputs = { model, step: 'train-model', digest: digestOf(rows, [codeDigest, task, features, settings]) };
    const step = { keyOf: (name: string) => `${prefix}${name}`, isValue: (value: unknown) => value === null, work };
    const { cached } = await cache.run(inputs, step);
    return { prefix, cached };
  };

const digestOf = (rows: Uint8Array, others: unknown): string =>
  createHash('sha256').update(JSON.stringify(others)).update(rows).digest('hex');
