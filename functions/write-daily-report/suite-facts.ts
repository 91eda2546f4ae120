import { EVALUATION_FILE } from '../../shared/contracts/artifacts.ts';
import { type Evaluation, EvaluationSchema } from '../../shared/contracts/evaluation.ts';
import { parseJsonFile } from '../../shared/contracts/json-file.ts';
import type { ModelDefinition } from '../../shared/contracts/model-definition.ts';
import type { PackagedVersion } from '../../shared/core/registry/index.ts';
import type { SuiteFacts } from '../../shared/core/test-suite/index.ts';
import type { VersionFiles } from '../../shared/ports/version-files.ts';
import type { DayReports } from './gather-reports.ts';

/** What training measured; undefined of a version without an evaluation. */
export const readTraining = async (
  files: Pick<VersionFiles, 'read'>,
  version: PackagedVersion,
): Promise<SuiteFacts['training']> => {
  const bytes = await files.read(version, EVALUATION_FILE);
  if (bytes === undefined) return undefined;
  const { candidate }: Evaluation = parseJsonFile(EvaluationSchema, bytes, EVALUATION_FILE);
  const { loss, auc, brier } = candidate.quality;
  return {
    holdout: { loss, auc, brier },
    dayLosses: candidate.days.map((day) => day.loss),
    trainingLoss: version.metrics.trainingLoss,
    trainedThroughMs: version.trainedThroughMs,
  };
};

const skewOf = ({ skew }: DayReports): Pick<SuiteFacts, 'skew'> => {
  if (skew === undefined) return {};
  const differing = skew.served
    .filter(({ differingShare }) => differingShare > 0)
    .toSorted((a, b) => b.differingShare - a.differingShare);
  return {
    skew: {
      share: differing[0]?.differingShare ?? 0,
      comparedCount: skew.served.reduce((sum, { comparedCount }) => sum + comparedCount, 0),
      features: differing.map(({ name }) => name),
    },
  };
};

/** Of the newest days whose labels are in. */
const labelsOf = ({ performance }: DayReports): SuiteFacts['labels'] => {
  const { labelMean, labelledCount = 0 } = performance?.window ?? {};
  return labelMean === undefined ? undefined : { mean: labelMean, rowCount: labelledCount };
};

const groupsOf = ({ performance }: ModelDefinition['monitors']): SuiteFacts['declared']['groups'] => {
  const { fairness } = performance ?? {};
  return fairness && { by: fairness.by.map(({ name }) => name), minRows: fairness.minRows };
};

/** What the reports of the day and the definition say to a suite. */
export const suiteFactsOf = (
  { checks, monitors, retraining }: Pick<ModelDefinition, 'checks' | 'monitors' | 'retraining'>,
  reports: DayReports,
): Pick<SuiteFacts, 'volume' | 'freshness' | 'labels' | 'performance' | 'service' | 'skew' | 'declared'> => ({
  volume: reports.drift?.volume,
  freshness: reports.drift?.freshness,
  labels: labelsOf(reports),
  performance: reports.performance,
  service: reports.performance?.served,
  ...skewOf(reports),
  declared: {
    minLabelShare: checks.minLabelShare,
    maxLabelShare: checks.maxLabelShare,
    maxOutOfRangeShare: checks.maxOutOfRangeShare,
    predictionPsiLimit: monitors.predictionPsiLimit,
    maxAgeDays: retraining.maxAgeDays,
    groups: groupsOf(monitors),
  },
});
