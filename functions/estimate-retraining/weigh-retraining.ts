import type { ModelDefinition } from '../../shared/contracts/model-definition.ts';
import type { RetrainingWorth, Staleness } from '../../shared/contracts/retraining-worth.ts';
import type { FeatureReport } from '../../shared/contracts/training-workflow.ts';
import type { PackagedVersion } from '../../shared/core/registry/index.ts';
import {
  type AgedModels,
  ageModels,
  type BackTest,
  backTestOf,
  costOfRun,
  decideRetraining,
  estimationCostUsd,
  type LabelledRows,
  PROXY_SETTINGS,
  type PredictionsPerDay,
  paysFromDays,
  planBackTest,
  type Recipe,
  settingsOf,
  stalenessCurve,
  tellPredictions,
  worthValue,
} from '../../shared/core/retraining/index.ts';
import { DAY_MS } from '../../shared/kernel/time.ts';

export interface WeighedRun {
  readonly definition: ModelDefinition;
  readonly runId: string;
  readonly asOfMs: number;
  /** The version that serves; undefined before the first. */
  readonly champion: PackagedVersion | undefined;
  readonly report: FeatureReport;
  /** Read only if they are asked for. */
  readonly readRows: () => Promise<{ readonly rows: LabelledRows; readonly holdout: LabelledRows }>;
  /** Undefined where no value is declared: nothing is counted on them. */
  readonly predictions: PredictionsPerDay | undefined;
}

interface Findings {
  readonly worth: RetrainingWorth;
  readonly staleness?: Staleness;
}

const recipeOf = (definition: ModelDefinition): Recipe => {
  const { task, features, evaluation } = definition;
  return { task, features, settings: settingsOf(definition) ?? PROXY_SETTINGS, costs: evaluation.costs };
};

const age = async (run: WeighedRun): Promise<AgedModels | { readonly refused: string }> => {
  const { definition, champion, report, readRows } = run;
  if (champion === undefined) return { refused: 'no version serves yet' };
  const { trainedThroughMs: championThroughMs } = champion;
  const { holdoutFromMs, holdoutToMs } = report;
  const plan = planBackTest({ holdoutFromMs, holdoutToMs, championThroughMs });
  if ('refused' in plan) return plan;
  const { maxRows } = definition.retraining.worth;
  return ageModels(await readRows(), recipeOf(definition), { championThroughMs, ...plan, maxRows });
};

const stalenessOf = (
  { definition: { name, retraining }, asOfMs, predictions }: WeighedRun,
  { rowCount, incumbent, candidates }: AgedModels,
  costUsd: number | undefined,
): Staleness => {
  const points = stalenessCurve([incumbent, ...candidates]);
  const { usdPerLoss } = retraining.worth;
  const isValued = usdPerLoss !== undefined && predictions !== undefined;
  const pays =
    isValued && costUsd !== undefined
      ? paysFromDays(points, { usdPerDayAndLoss: usdPerLoss * predictions.predictionsPerDay, costUsd })
      : undefined;
  const dearer = pays === undefined ? 'at no age seen here' : `from an age of ${pays} days on`;
  return {
    schemaVersion: 1,
    model: name,
    asOfMs,
    rowCount,
    cutOffsMs: [incumbent, ...candidates].map(({ throughMs }) => throughMs),
    points: [...points],
    ...(pays === undefined ? {} : { paysFromDays: pays }),
    statement: isValued
      ? `at ${tellPredictions(predictions)} retraining pays ${dearer}`
      : 'from which age on retraining pays is not known: no value of a loss is declared (retraining.worth.usdPerLoss)',
  };
};

const stored = (backTest: BackTest): NonNullable<RetrainingWorth['backTest']> => ({
  ...backTest,
  candidatesThroughMs: [...backTest.candidatesThroughMs],
  days: [...backTest.days],
});

const championFacts = ({ version, trainedThroughMs }: PackagedVersion, asOfMs: number) => ({
  version,
  trainedThroughMs,
  ageDays: (asOfMs - trainedThroughMs) / DAY_MS,
});

/** Back-test, value, decision and staleness of one run, from its own tables. */
export const weighRetraining = async (run: WeighedRun): Promise<Findings> => {
  const { definition, runId, asOfMs, champion, report, predictions } = run;
  const { worth: declared } = definition.retraining;
  const { horizonDays } = declared;
  const costUsd = costOfRun(definition, report.rowCounts.all);
  const aged = await age(run);
  const isProxy = definition.trainer.kind !== 'built-in';
  const backTest = 'refused' in aged ? undefined : backTestOf(aged, { horizonDays, isProxy });
  const refused = 'refused' in aged ? aged.refused : 'fewer than two days have labelled rows';
  const value = backTest && predictions && worthValue(backTest, declared, predictions);
  const mode = declared.mode === 'report' ? 'report' : 'decide';
  const { margin } = definition.evaluation;
  const decided = decideRetraining({ backTest: backTest ?? { refused }, value, margin, costUsd, mode });
  return {
    worth: {
      schemaVersion: 1,
      model: definition.name,
      runId,
      asOfMs,
      ...decided,
      ...(champion === undefined ? {} : { champion: championFacts(champion, asOfMs) }),
      ...(backTest === undefined ? {} : { backTest: stored(backTest) }),
      ...(value === undefined ? {} : { value }),
      ...(costUsd === undefined ? {} : { costUsd }),
      estimateCostUsd: 'refused' in aged ? 0 : estimationCostUsd(aged.trainingSeconds),
    },
    ...('refused' in aged ? {} : { staleness: stalenessOf(run, aged, costUsd) }),
  };
};
