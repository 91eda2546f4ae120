import {
  EVALUATION_FILE,
  METRICS_FILE,
  MODEL_FILE,
  REFERENCE_PROFILE_FILE,
  runPrefix,
  SIGNATURE_FILE,
  type Signature,
} from '../../shared/contracts/artifacts.ts';
import { type Definitions, definitionOf } from '../../shared/contracts/definitions.ts';
import { toJsonFile } from '../../shared/contracts/json-file.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { ALL_TABLE, ProfileModelInput, phaseModelPrefix } from '../../shared/contracts/training-workflow.ts';
import { makeProfile } from '../../shared/core/monitoring/index.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { ReadTrainingTable, TrainingTable } from '../../shared/ports/training-table.ts';
import { type PlacedModel, placeModel } from './place-model.ts';

type StoredModel = { readonly bytes: Uint8Array; readonly signature: Signature };
interface Deps {
  readonly definitions: Definitions;
  readonly artifacts: Pick<ArtifactStore, 'get' | 'putIfAbsent'>;
  readonly readTable: ReadTrainingTable;
  readonly loadModel: (prefix: string) => Promise<StoredModel>;
  readonly score: (model: StoredModel, table: TrainingTable) => Promise<Float32Array>;
}

/**
 * Profiles the final model on the rows it learnt from and places its files at their content-addressed home. Files
 * there are written once: run again, or by another run that came to the same model, it returns what stands.
 */
export const createHandler =
  ({ definitions, artifacts, readTable, loadModel, score }: Deps) =>
  async (event: unknown): Promise<PlacedModel> => {
    const { model, runId } = parse(ProfileModelInput, event);
    const { task, features, monitors } = definitionOf(definitions, model);
    const run = runPrefix(model, runId);
    const home = `${run}${phaseModelPrefix('refit')}`;
    const [final, metrics, evaluation, rows] = await Promise.all([
      loadModel(home),
      artifacts.get(`${home}${METRICS_FILE}`),
      artifacts.get(`${run}${EVALUATION_FILE}`),
      artifacts.get(`${run}${ALL_TABLE}`),
    ]);
    const table = await readTable(
      rows,
      features.map(({ name }) => name),
    );
    const predictions = await score(final, table);
    const profile = makeProfile({ task, features, ...table, predictions, windowDays: monitors.windowDays });
    const files = new Map([
      [MODEL_FILE, final.bytes],
      [SIGNATURE_FILE, toJsonFile(final.signature)],
      [METRICS_FILE, metrics],
      [EVALUATION_FILE, evaluation],
      [REFERENCE_PROFILE_FILE, toJsonFile(profile)],
    ]);
    return placeModel(artifacts, { model, runId, files });
  };
