import { EVALUATION_FILE, runPrefix } from '../../shared/contracts/artifacts.ts';
import { REPORT_FILE, REPORT_PAGE_FILE } from '../../shared/contracts/evaluation.ts';
import { toJsonFile } from '../../shared/contracts/json-file.ts';
import type { ModelDefinition } from '../../shared/contracts/model-definition.ts';
import { phaseModelPrefix, TRAIN_TABLE } from '../../shared/contracts/training-workflow.ts';
import {
  detailEvaluation,
  type GlobalExplanation,
  renderEvaluationReport,
  type SimplerModel,
} from '../../shared/core/reports/index.ts';
import { errorFields, logLine } from '../../shared/kernel/log.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { LoadedModel } from '../../shared/ports/model-runtime.ts';
import type { ReadTrainingTable, TrainingTable } from '../../shared/ports/training-table.ts';
import { compareSimpler } from './compare-simpler.ts';
import { explainCandidate } from './explain-candidate.ts';
import type { StoredModel } from './find-champion.ts';
import type { Judgement } from './judge-candidate.ts';
import { writeReference } from './write-reference.ts';

export interface ReportDeps {
  readonly artifacts: Pick<ArtifactStore, 'get' | 'put'>;
  readonly readTable: ReadTrainingTable;
  /** Opens a graph to be asked again and again. */
  readonly load: (bytes: Uint8Array) => Promise<LoadedModel>;
  /** Training rows by node, of a model whose trainer counted them. */
  readonly readCovers: (prefix: string) => Promise<readonly number[] | undefined>;
}

interface Evaluated {
  readonly definition: ModelDefinition;
  readonly runId: string;
  readonly table: TrainingTable;
  readonly candidate: StoredModel;
  readonly judgement: Judgement;
}

const NOTHING: GlobalExplanation = { rowCount: 0, importance: [], partialDependence: [] };

/** A gate has decided already: what cannot be explained is said in the report, and stops nothing. */
const explained = async ({ load, readCovers }: ReportDeps, evaluated: Evaluated): Promise<GlobalExplanation> => {
  const { definition, runId, table, candidate } = evaluated;
  try {
    const covers = await readCovers(`${runPrefix(definition.name, runId)}${phaseModelPrefix('candidate')}`);
    const loaded = await load(candidate.bytes);
    try {
      return await explainCandidate(loaded, { task: definition.task, candidate, table, covers });
    } finally {
      await loaded.release();
    }
  } catch (error) {
    logLine('error', 'the candidate is not explained', { model: definition.name, runId, ...errorFields(error) });
    return { ...NOTHING, note: 'explanations are missing: making them failed, the log of the evaluation says why' };
  }
};

/** As with what cannot be explained: without it the report says less. */
const comparedToSimpler = async (
  { artifacts, readTable }: ReportDeps,
  { definition, runId, table, judgement }: Evaluated,
): Promise<SimplerModel | undefined> => {
  const { name: model, task, features } = definition;
  try {
    const bytes = await artifacts.get(`${runPrefix(model, runId)}${TRAIN_TABLE}`);
    const names = features.map(({ name }) => name);
    const training = await readTable(bytes, names);
    return compareSimpler({ task, features, training, holdout: table, candidate: judgement.predictions.candidate });
  } catch (error) {
    logLine('error', 'the candidate is compared with no simpler model', { model, runId, ...errorFields(error) });
    return undefined;
  }
};

/** Writes the verdict, what a person approves from, as data and as a page, and what the version will be held to. */
export const writeEvaluation = async (deps: ReportDeps, evaluated: Evaluated): Promise<void> => {
  const { definition, runId, table, judgement } = evaluated;
  const prefix = runPrefix(definition.name, runId);
  await deps.artifacts.put(`${prefix}${EVALUATION_FILE}`, toJsonFile(judgement.report), 'application/json');
  const { evaluation, predictions, outcome, championVersion } = judgement;
  const { task, passed, findings, candidate, champion, baseline, comparison } = evaluation;
  const details = detailEvaluation(
    {
      model: definition.name,
      runId,
      task,
      passed,
      outcome,
      findings: findings.map((finding) => ({ rule: finding.rule, passed: finding.passed, message: finding.message })),
      ...(championVersion === undefined ? {} : { championVersion }),
      quality: { candidate: candidate.quality, ...(champion === undefined ? {} : { champion: champion.quality }) },
      baseline,
      ...(comparison === undefined ? {} : { comparison }),
    },
    { ...table, ...predictions },
    {
      explanation: await explained(deps, evaluated),
      simplerModel: await comparedToSimpler(deps, evaluated),
      costs: definition.evaluation.costs,
    },
  );
  await deps.artifacts.put(`${prefix}${REPORT_FILE}`, toJsonFile(details), 'application/json');
  const page = new TextEncoder().encode(renderEvaluationReport(details));
  await deps.artifacts.put(`${prefix}${REPORT_PAGE_FILE}`, page, 'text/html; charset=utf-8');
  await writeReference(deps.artifacts, { definition, runId, table, predictions: predictions.candidate });
};
