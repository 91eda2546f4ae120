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
  paysFromDays,
  planBackTest,
  type Recipe,
  settingsOf,
  stalenessCurve,
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

const predictionsPerDay = ({ definition, report }: Pick<WeighedRun, 'definition' | 'report'>): number => {
  const { rowCounts, holdoutFromMs, holdoutToMs } = report;
  return definition.retraining.worth.predictionsPerDay ?? (rowCounts.holdout * DAY_MS) / (holdoutToMs - holdoutFromMs);
};

const stalenessOf = (
  { definition, asOfMs, report }: WeighedRun,
  { rowCount, incumbent, candidates }: AgedModels,
  costUsd: number | undefined,
): Staleness => {
  const { name, retraining } = definition;
  const points = stalenessCurve([incumbent, ...candidates]);
  const { usdPerLoss } = retraining.worth;
  const pays =
    usdPerLoss === undefined || costUsd === undefined
      ? undefined
      : paysFromDays(points, { usdPerDayAndLoss: usdPerLoss * predictionsPerDay({ definition, report }), costUsd });
  const dearer = pays === undefined ? 'at no age seen here' : `from an age of ${pays} days on`;
  return {
    schemaVersion: 1,
    model: name,
    asOfMs,
    rowCount,
    cutOffsMs: [incumbent, ...candidates].map(({ throughMs }) => throughMs),
    points: [...points],
    ...(pays === undefined ? {} : { paysFromDays: pays }),
    statement:
      usdPerLoss === undefined
        ? 'no value of a loss is declared (retraining.worth.usdPerLoss), so no age is one at which retraining pays'
        : `retraining pays ${dearer}`,
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
  const { definition, runId, asOfMs, champion, report } = run;
  const { worth: declared } = definition.retraining;
  const { horizonDays } = declared;
  const costUsd = costOfRun(definition, report.rowCounts.all);
  const aged = await age(run);
  const isProxy = definition.trainer.kind !== 'built-in';
  const backTest = 'refused' in aged ? undefined : backTestOf(aged, { horizonDays, isProxy });
  const refused = 'refused' in aged ? aged.refused : 'fewer than two days have labelled rows';
  const value = backTest && worthValue(backTest, declared, predictionsPerDay(run));
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
