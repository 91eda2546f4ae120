import { EVALUATION_FILE, runPrefix } from '../../shared/contracts/artifacts.ts';
import { type Definitions, definitionOf } from '../../shared/contracts/definitions.ts';
import { parseJsonFile, toJsonFile } from '../../shared/contracts/json-file.ts';
import { parse } from '../../shared/contracts/parse.ts';
import {
  EvaluateModelInput,
  FEATURE_REPORT_FILE,
  FeatureReportSchema,
  HOLDOUT_TABLE,
  phaseModelPrefix,
} from '../../shared/contracts/training-workflow.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';
import type { ReadTrainingTable } from '../../shared/ports/training-table.ts';
import { findChampion, type LoadModel } from './find-champion.ts';
import { type Judgement, judgeCandidate, type Score } from './judge-candidate.ts';

interface Deps {
  readonly definitions: Definitions;
  readonly artifacts: Pick<ArtifactStore, 'get' | 'put'>;
  readonly registry: Pick<ModelRegistry, 'getModel' | 'getVersion'>;
  readonly readTable: ReadTrainingTable;
  readonly loadModel: LoadModel;
  readonly score: Score;
}

/**
 * Judges the candidate on the holdout, beside the champion of this moment. A refusal is a return value. Run again it
 * writes the evaluation anew; only a champion promoted in between could change it.
 */
export const createHandler =
  ({ definitions, artifacts, registry, readTable, loadModel, score }: Deps) =>
  async (event: unknown): Promise<Omit<Judgement, 'report'>> => {
    const { model, runId } = parse(EvaluateModelInput, event);
    const definition = definitionOf(definitions, model);
    const run = runPrefix(model, runId);
    const [report, holdout, candidate, champion] = await Promise.all([
      artifacts.get(`${run}${FEATURE_REPORT_FILE}`),
      artifacts.get(`${run}${HOLDOUT_TABLE}`),
      loadModel(`${run}${phaseModelPrefix('candidate')}`),
      findChampion({ registry, loadModel, model }),
    ]);
    const features = definition.features.map(({ name }) => name);
    const judgement = await judgeCandidate({
      definition,
      features: parseJsonFile(FeatureReportSchema, report, FEATURE_REPORT_FILE),
      table: await readTable(holdout, features),
      candidate,
      champion,
      score,
    });
    await artifacts.put(`${run}${EVALUATION_FILE}`, toJsonFile(judgement.report), 'application/json');
    const { passed, outcome, metrics } = judgement;
    return { passed, outcome, metrics };
  };
