import type { DailyComparison, Quality, Task } from '../evaluation/index.ts';
import type { FeatureImportance, PartialDependence } from '../explanation/index.ts';
import { type CalibrationBin, calibrationBins } from './calibration.ts';
import { type DayLoss, dayLosses } from './day-losses.ts';
import { type Slice, sliceRows, type TableColumn } from './slices.ts';
import { bestThreshold, type DecisionCosts, type ThresholdRow, thresholdCosts } from './threshold-costs.ts';

/** Everything that a person approves a version from, as data; `renderEvaluationReport` shows it. */
export interface EvaluationDetails {
  readonly schemaVersion: 1;
  readonly model: string;
  readonly runId: string;
  readonly task: Task;
  readonly passed: boolean;
  readonly outcome: string;
  readonly findings: readonly { readonly rule: string; readonly passed: boolean; readonly message: string }[];
  readonly championVersion?: number;
  readonly quality: { readonly candidate: Quality; readonly champion?: Quality };
  readonly baseline: { readonly prediction: number; readonly loss: number };
  readonly comparison?: DailyComparison;
  readonly days: { readonly candidate: readonly DayLoss[]; readonly champion?: readonly DayLoss[] };
  readonly calibration: {
    readonly candidate: readonly CalibrationBin[];
    readonly champion?: readonly CalibrationBin[];
  };
  /** Of a classification. */
  readonly thresholds?: {
    /** The definition's, or 1 for 1. */
    readonly costs: DecisionCosts;
    readonly stated: boolean;
    readonly rows: readonly ThresholdRow[];
    /** The least costly threshold, by what a miss costs in false alarms. */
    readonly best: readonly { readonly costs: DecisionCosts; readonly row: ThresholdRow }[];
  };
  readonly slices: readonly Slice[];
  readonly explanation: GlobalExplanation;
  /** Absent where none could be trained. */
  readonly simplerModel?: SimplerModel;
}

/** A model that is far simpler than the candidate, learnt from the same rows and asked about the same holdout. */
export interface SimplerModel {
  /** Such as `one tree of 8 leaves`. */
  readonly what: string;
  readonly loss: number;
  /** Mean over days of its loss − the candidate's; the 95 % interval is absent with fewer than two days. */
  readonly lossAboveCandidate: { readonly mean: number; readonly lower?: number; readonly upper?: number };
}

/** What the candidate leans on, over a part of the holdout. */
export interface GlobalExplanation {
  /** Absent where no contributions could be had. */
  readonly method?: string;
  readonly rowCount: number;
  readonly importance: readonly FeatureImportance[];
  readonly partialDependence: readonly PartialDependence[];
  /** Why something is missing. */
  readonly note?: string;
}

export interface EvaluatedRows {
  readonly eventAtMs: ArrayLike<number>;
  readonly labels: ArrayLike<number>;
  readonly columns: ReadonlyMap<string, TableColumn>;
  readonly candidate: ArrayLike<number>;
  readonly champion?: ArrayLike<number> | undefined;
}

const EVEN: DecisionCosts = { falseAlarm: 1, miss: 1 };
const RATIOS = [1, 2, 5, 10];
const SLICED_FEATURES = 8;

const thresholdsOf = (
  task: Task,
  { labels, candidate: predictions }: EvaluatedRows,
  stated: DecisionCosts | undefined,
): Pick<EvaluationDetails, 'thresholds'> => {
  if (task !== 'binary-classification') return {};
  const costs = stated ?? EVEN;
  const rows = thresholdCosts({ labels, predictions }, costs);
  const asked = [...(stated === undefined ? [] : [stated]), ...RATIOS.map((miss) => ({ falseAlarm: 1, miss }))];
  const best = asked.flatMap((each) => {
    const row = bestThreshold(thresholdCosts({ labels, predictions }, each));
    return row === undefined ? [] : [{ costs: each, row }];
  });
  return { thresholds: { costs, stated: stated !== undefined, rows, best } };
};

/** Category features first, then those that count most. */
const slicedFeatures = ({ columns }: EvaluatedRows, { importance }: GlobalExplanation): readonly string[] => {
  const ranked = importance.length === 0 ? [...columns.keys()] : importance.map(({ feature }) => feature);
  const isText = (feature: string): boolean => Array.isArray(columns.get(feature));
  return [...ranked.filter(isText), ...ranked.filter((feature) => !isText(feature))].slice(0, SLICED_FEATURES);
};

export const detailEvaluation = (
  verdict: Pick<
    EvaluationDetails,
    | 'model'
    | 'runId'
    | 'task'
    | 'passed'
    | 'outcome'
    | 'findings'
    | 'championVersion'
    | 'quality'
    | 'baseline'
    | 'comparison'
  >,
  rows: EvaluatedRows,
  {
    explanation,
    simplerModel,
    costs,
  }: {
    readonly explanation: GlobalExplanation;
    readonly simplerModel?: SimplerModel | undefined;
    readonly costs?: DecisionCosts | undefined;
  },
): EvaluationDetails => {
  const { task } = verdict;
  const { labels, candidate, champion } = rows;
  const bins = (predictions: ArrayLike<number>) => calibrationBins(task, { labels, predictions });
  return {
    schemaVersion: 1,
    ...verdict,
    days: {
      candidate: dayLosses(task, rows, candidate),
      ...(champion === undefined ? {} : { champion: dayLosses(task, rows, champion) }),
    },
    calibration: { candidate: bins(candidate), ...(champion === undefined ? {} : { champion: bins(champion) }) },
    ...thresholdsOf(task, rows, costs),
    slices: sliceRows({ task, ...rows }, slicedFeatures(rows, explanation)),
    explanation,
    ...(simplerModel === undefined ? {} : { simplerModel }),
  };
};
