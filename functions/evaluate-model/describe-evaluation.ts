import type { EvaluationReport } from '../../shared/core/evaluation/index.ts';
import type { PackagedVersion } from '../../shared/core/registry/index.ts';
import { tellMinute } from '../../shared/kernel/time.ts';

const championNote = (
  champion: PackagedVersion | undefined,
  compared: boolean,
  holdoutFromMs: number,
): readonly string[] => {
  if (champion === undefined) return ['there is no champion to compare with'];
  const name = `champion ${champion.model}@${champion.version}`;
  if (!compared) return [`${name} reads features that the definition no longer has, so it was not compared`];
  if (champion.trainedThroughMs <= holdoutFromMs) return [];
  return [
    `${name} has seen part of the holdout in training (it knows what was known by ${tellMinute(champion.trainedThroughMs)}), which favours it`,
  ];
};

/** The outcome of a run as its reader needs it: passed or not, then every finding with its numbers. */
export const describeEvaluation = (
  { passed, findings }: EvaluationReport,
  {
    champion,
    compared,
    holdoutFromMs,
  }: { readonly champion: PackagedVersion | undefined; readonly compared: boolean; readonly holdoutFromMs: number },
): string => {
  const sentences = findings.map((finding) => `${finding.passed ? '' : 'refused: '}${finding.message}`);
  const verdict = passed ? 'the candidate passed its quality gate' : 'the candidate was refused by its quality gate';
  return [verdict, ...sentences, ...championNote(champion, compared, holdoutFromMs)].join('; ');
};

/** The numbers that the registry keeps with a version: the candidate's, on days that it had not seen. */
export const metricsOf = ({ candidate, champion, baseline }: EvaluationReport): Readonly<Record<string, number>> => {
  const { rowCount, loss, auc, brier } = candidate.quality;
  return {
    holdoutRowCount: rowCount,
    holdoutLoss: loss,
    baselineLoss: baseline.loss,
    ...(auc === undefined ? {} : { holdoutAuc: auc }),
    ...(brier === undefined ? {} : { holdoutBrier: brier }),
    ...(champion === undefined ? {} : { championLoss: champion.quality.loss }),
  };
};
