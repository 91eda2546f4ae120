import { METRICS_FILE, runPrefix } from '../../shared/contracts/artifacts.ts';
import { BILL_OF_MATERIALS_FILE } from '../../shared/contracts/bill-of-materials.ts';
import { type Definitions, definitionOf } from '../../shared/contracts/definitions.ts';
import { toJsonFile } from '../../shared/contracts/json-file.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { ALL_TABLE, ProfileModelInput, phaseModelPrefix } from '../../shared/contracts/training-workflow.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { ReadTrainingTable, TrainingTable } from '../../shared/ports/training-table.ts';
import { evaluationFiles } from './evaluation-files.ts';
import { explanationFile } from './explanation-file.ts';
import { type MadeBy, makeBill } from './make-bill.ts';
import { modelFiles, type StoredModel } from './model-files.ts';
import { onlinePlanFiles } from './online-plan-files.ts';
import { type PlacedModel, placeModel } from './place-model.ts';
import { referenceFiles } from './reference-files.ts';

interface Deps extends MadeBy {
  readonly definitions: Definitions;
  readonly artifacts: Pick<ArtifactStore, 'get' | 'putIfAbsent'>;
  readonly readTable: ReadTrainingTable;
  readonly loadModel: (prefix: string) => Promise<StoredModel>;
  readonly readCovers: (prefix: string) => Promise<readonly number[] | undefined>;
  readonly score: (model: StoredModel, table: TrainingTable) => Promise<Float32Array>;
}

/**
 * Profiles the final model on its rows and places its files at their content-addressed home. Files there are written
 * once: run again, or by another run that came to the same model, it returns what stands.
 */
export const createHandler =
  ({ definitions, artifacts, readTable, loadModel, readCovers, score, ...made }: Deps) =>
  async (event: unknown): Promise<PlacedModel> => {
    const { model, runId } = parse(ProfileModelInput, event);
    const definition = definitionOf(definitions, model);
    const run = runPrefix(model, runId);
    const home = `${run}${phaseModelPrefix('refit')}`;
    const [final, bill, metrics, evaluation, rows] = await Promise.all([
      loadModel(home),
      makeBill(artifacts, { definition, runId, ...made }),
      artifacts.get(`${home}${METRICS_FILE}`),
      evaluationFiles(artifacts, run),
      artifacts.get(`${run}${ALL_TABLE}`),
    ]);
    const names = definition.features.map(({ name }) => name);
    const table = await readTable(rows, names);
    const predictions = await score(final, table);
    const files = new Map([
      ...onlinePlanFiles(definition),
      ...modelFiles({ model, runId, ...final, createdAtMs: bill.snapshot.asOfMs }),
      [METRICS_FILE, metrics],
      ...evaluation,
      ...referenceFiles(definition, table, predictions),
      explanationFile(table, await readCovers(home)),
      [BILL_OF_MATERIALS_FILE, toJsonFile(bill)],
    ]);
    return placeModel(artifacts, { model, runId, files });
  };
