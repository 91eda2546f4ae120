import type { ModelDefinition } from '../../shared/contracts/model-definition.ts';
import type { FeatureReport } from '../../shared/contracts/training-workflow.ts';
import { type EvaluationReport, evaluateCandidate } from '../../shared/core/evaluation/index.ts';
import type { TrainingTable } from '../../shared/ports/training-table.ts';
import { describeEvaluation, metricsOf } from './describe-evaluation.ts';
import type { Champion, StoredModel } from './find-champion.ts';

export type Score = (model: StoredModel, table: TrainingTable) => Promise<Float32Array>;

export interface Judgement {
  readonly passed: boolean;
  readonly outcome: string;
  readonly metrics: Readonly<Record<string, number>>;
  /** What is stored as evaluation.json. */
  readonly report: object;
  readonly evaluation: EvaluationReport;
  readonly championVersion?: number;
  /** For each row of the holdout. */
  readonly predictions: { readonly candidate: Float32Array; readonly champion?: Float32Array };
}

/** Scores candidate and champion on the holdout and asks the gate. */
export const judgeCandidate = async ({
  definition,
  features,
  table,
  candidate,
  champion,
  score,
}: {
  readonly definition: ModelDefinition;
  readonly features: FeatureReport;
  readonly table: TrainingTable;
  readonly candidate: StoredModel;
  readonly champion: Champion | undefined;
  readonly score: Score;
}): Promise<Judgement> => {
  const rival = champion?.fits(table) ? champion : undefined;
  const scores = await score(candidate, table);
  const rivalScores = rival && (await score(rival.loaded, table));
  const evaluation = evaluateCandidate({
    task: definition.task,
    rows: { eventAtMs: table.eventAtMs, labels: table.labels },
    candidate: scores,
    champion: rivalScores,
    trainingLabelMean: features.trainingLabelMean,
    policy: definition.evaluation,
  });
  const outcome = describeEvaluation(evaluation, {
    champion: champion?.version,
    compared: rival !== undefined,
    holdoutFromMs: features.holdoutFromMs,
  });
  const against = rival ? { championVersion: rival.version.version } : {};
  return {
    passed: evaluation.passed,
    outcome,
    metrics: metricsOf(evaluation),
    report: { ...evaluation, outcome, ...against },
    evaluation,
    ...against,
    predictions: { candidate: scores, ...(rivalScores === undefined ? {} : { champion: rivalScores }) },
  };
};
