import { DAY_MS } from '../../kernel/time.ts';
import {
  estimateTraining,
  type GradientBoostedTrees,
  predictGradientBoostedTrees,
  type TrainingFeature,
  type TrainingSettings,
  type TrainingTask,
  trainGradientBoostedTrees,
} from '../training/index.ts';
import type { AgedModel, DayLoss } from './day-losses.ts';
import { type DecisionCosts, lossesOf } from './row-losses.ts';

/** Labelled rows ordered by event time. */
export interface LabelledRows {
  readonly rowCount: number;
  readonly eventAtMs: Float64Array;
  /** When the label became known. */
  readonly knownAtMs: Float64Array;
  readonly labels: Float64Array;
  readonly columns: ReadonlyMap<string, Float64Array | readonly string[]>;
}

export interface Recipe {
  readonly task: TrainingTask;
  readonly features: readonly TrainingFeature[];
  readonly settings: TrainingSettings;
  readonly costs?: DecisionCosts | undefined;
}

/** Rows of a day that are scored: enough for its mean loss. */
const DAY_ROWS = 4_000;
/** Below these a model says little of one that learns from all rows. */
const FEWEST_ROWS = 300;
/** A part of what an invocation may take, reading and writing aside. */
const MOST_SECONDS = 300;
/** How much slower than the measured core another may be. */
const SLOWER_CORE = 2;

const takeRows = (rows: LabelledRows, indices: readonly number[]): LabelledRows => {
  const take = (values: Float64Array): Float64Array => Float64Array.from(indices, (row) => values[row] as number);
  return {
    rowCount: indices.length,
    eventAtMs: take(rows.eventAtMs),
    knownAtMs: take(rows.knownAtMs),
    labels: take(rows.labels),
    columns: new Map(
      [...rows.columns].map(([name, values]) => [
        name,
        values instanceof Float64Array ? take(values) : indices.map((row) => values[row] as string),
      ]),
    ),
  };
};

/** What was known at a time. */
const rowsKnownAt = ({ eventAtMs, knownAtMs, rowCount }: LabelledRows, throughMs: number): readonly number[] => {
  const found: number[] = [];
  for (let row = 0; row < rowCount; row += 1)
    if ((eventAtMs[row] as number) < throughMs && (knownAtMs[row] as number) <= throughMs) found.push(row);
  return found;
};

/** So many of them, evenly spread. */
const spread = (rows: readonly number[], wanted: number): readonly number[] => {
  const count = Math.min(rows.length, wanted);
  return Array.from({ length: count }, (_, i) => rows[Math.floor(((i + 0.5) * rows.length) / count)] as number);
};

const secondsOf = ({ features, settings }: Recipe, rowCount: number): number =>
  estimateTraining({ rowCount, featureCount: features.length, settings }).seconds;

/** The most rows with which so many trainings end in time. */
const affordableRows = (recipe: Recipe, trainingCount: number): number => {
  // Linear in the rows above what no rows take.
  const fixed = secondsOf(recipe, 0);
  const perRow = (secondsOf(recipe, 100_000) - fixed) / 100_000;
  return Math.floor((MOST_SECONDS / SLOWER_CORE / trainingCount - fixed) / perRow);
};

const trainOn = ({ columns, labels }: LabelledRows, { task, features, settings }: Recipe): GradientBoostedTrees =>
  trainGradientBoostedTrees({ task, features, columns, label: labels, settings });

const scoredDays = (
  model: GradientBoostedTrees,
  days: readonly LabelledRows[],
  { fromMs, costs }: { readonly fromMs: number; readonly costs: DecisionCosts | undefined },
): readonly DayLoss[] =>
  days.flatMap((rows) => {
    const dayMs = Math.floor((rows.eventAtMs[0] as number) / DAY_MS) * DAY_MS;
    if (dayMs < fromMs) return [];
    const predictions = predictGradientBoostedTrees(model, rows.columns, rows.rowCount);
    return [{ dayMs, rowCount: rows.rowCount, ...lossesOf(model.task, { labels: rows.labels, predictions }, costs) }];
  });

/** The rows of each UTC day from an instant on, at most `DAY_ROWS` of each. */
const rowsByDay = (rows: LabelledRows, fromMs: number): readonly LabelledRows[] => {
  const byDay = new Map<number, number[]>();
  for (let row = 0; row < rows.rowCount; row += 1) {
    const atMs = rows.eventAtMs[row] as number;
    if (atMs < fromMs) continue;
    const day = Math.floor(atMs / DAY_MS);
    const standing = byDay.get(day);
    if (standing) standing.push(row);
    else byDay.set(day, [row]);
  }
  return [...byDay.values()].map((indices) => takeRows(rows, spread(indices, DAY_ROWS)));
};

export interface AgedModels {
  /** Rows that each learnt from. */
  readonly rowCount: number;
  readonly rounds: number;
  readonly incumbent: AgedModel;
  /** In the order of the origins. */
  readonly candidates: readonly AgedModel[];
  /** Estimated, of all trainings, on one core. */
  readonly trainingSeconds: number;
}

/**
 * Trains the incumbent's recipe on data as old as its own and a candidate up to each origin, all on the same number of
 * rows and rounds, and scores each on the days after it learnt. The rounds are those that are best for the newest
 * candidate on the newest tenth of its rows, as a pipeline's refit takes them.
 * @param rows before the holdout. @param holdout its rows.
 * @returns why not, where the incumbent's time left too few rows.
 */
export const ageModels = (
  { rows, holdout }: { readonly rows: LabelledRows; readonly holdout: LabelledRows },
  recipe: Recipe,
  plan: { readonly championThroughMs: number; readonly originsMs: readonly number[]; readonly maxRows: number },
): AgedModels | { readonly refused: string } => {
  const { championThroughMs, originsMs, maxRows } = plan;
  const { costs, settings } = recipe;
  const sides = [championThroughMs, ...originsMs].map((throughMs) => rowsKnownAt(rows, throughMs));
  const most = Math.min(maxRows, ...sides.map(({ length }) => length));
  const rowCount = Math.min(most, affordableRows(recipe, sides.length + 1));
  if (rowCount < FEWEST_ROWS) {
    return { refused: `a side would learn from ${Math.max(0, rowCount)} rows, fewer than ${FEWEST_ROWS}` };
  }
  const [ofIncumbent = [], ...ofCandidates] = sides.map((side) => takeRows(rows, spread(side, rowCount)));
  const [newest] = ofCandidates as readonly LabelledRows[];
  const isStopped = settings.earlyStoppingRounds > 0 && newest !== undefined;
  const rounds = isStopped ? trainOn(newest, recipe).bestRound : settings.rounds;
  const alike: Recipe = { ...recipe, settings: { ...settings, rounds, earlyStoppingRounds: 0 } };
  const comparedFromMs = Math.min(...originsMs);
  const days = [...rowsByDay(rows, comparedFromMs), ...rowsByDay(holdout, comparedFromMs)];
  const aged = (throughMs: number, own: LabelledRows): AgedModel => {
    const fromMs = Math.max(throughMs, comparedFromMs);
    return { throughMs, days: scoredDays(trainOn(own, alike), days, { fromMs, costs }) };
  };
  return {
    rowCount,
    rounds,
    incumbent: aged(championThroughMs, ofIncumbent as LabelledRows),
    candidates: originsMs.map((originMs, i) => aged(originMs, ofCandidates[i] as LabelledRows)),
    trainingSeconds: sides.length * secondsOf(alike, rowCount) + (isStopped ? secondsOf(recipe, rowCount) : 0),
  };
};
