import { createSeededRandom, type SeededRandom } from '../../../infra/local/simulation/seeded-random.ts';
import { expectQuality } from '../../../shared/core/performance/estimate-quality.ts';
import { calibratedChances, learnCalibration } from '../../../shared/core/performance/isotonic-calibration.ts';
import { areaUnderRocCurve } from '../../../shared/core/statistics/area-under-roc-curve.ts';
import { logLoss } from '../../../shared/core/statistics/log-loss.ts';
import { HOUR_MS } from '../../../shared/kernel/time.ts';
import type { ScoredRows } from './scored-flights.ts';

/**
 * Pure covariate shift: windows of hold-out flights that are drawn with other weights of their origins and hours, so that
 * P(late | inputs) is what it was. What is not in a window calibrates for it.
 */

const WINDOW_ROWS = 5_000;
/** 97.5 % of the normal distribution. */
const REACH = 1.959963984540054;

export interface ShiftCoverage {
  /** Standard deviation of the logarithm of a weight, of origins and of hours alike. */
  readonly strength: number;
  readonly windowCount: number;
  readonly aucInside: number;
  readonly aucMeanWidth: number;
  /** How far the shift moves the AUC: its standard deviation over windows. */
  readonly aucSpread: number;
  readonly logLossInside: number;
  readonly logLossMeanWidth: number;
}

/** Standard normal, by Box and Muller. */
const normal = (random: SeededRandom): number =>
  Math.sqrt(-2 * Math.log(1 - random.fraction())) * Math.cos(2 * Math.PI * random.fraction());

/** Different rows, drawn one after the other by their weights: those with the largest log weight + Gumbel noise. */
const drawWindow = (
  rows: readonly number[],
  logWeightOf: (row: number) => number,
  random: SeededRandom,
): readonly number[] => {
  const keys = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i += 1)
    keys[i] = logWeightOf(rows[i] as number) - Math.log(-Math.log(1 - random.fraction()));
  const least = Float64Array.from(keys).sort()[rows.length - WINDOW_ROWS] as number;
  return rows.filter((_, i) => (keys[i] as number) >= least).slice(0, WINDOW_ROWS);
};

const pick = (values: ArrayLike<number>, rows: readonly number[]): Float64Array =>
  Float64Array.from(rows, (row) => values[row] as number);

export const coverUnderShift = (
  holdout: ScoredRows,
  { strength, windowCount, seed }: { readonly strength: number; readonly windowCount: number; readonly seed: string },
): ShiftCoverage => {
  const random = createSeededRandom(`${seed}/${strength}`);
  const everyRow = Array.from(holdout.labels, (_, row) => row);
  const hourOf = (row: number): number => Math.floor((holdout.eventAtMs[row] as number) / HOUR_MS) % 24;
  const originCount = Math.max(...holdout.origins) + 1;
  const sums = { aucInside: 0, aucWidth: 0, auc: 0, aucSquares: 0, lossInside: 0, lossWidth: 0 };
  for (let window = 0; window < windowCount; window += 1) {
    const origins = Array.from({ length: originCount }, () => strength * normal(random));
    const hours = Array.from({ length: 24 }, () => strength * normal(random));
    const logWeightOf = (row: number): number =>
      (origins[holdout.origins[row] as number] as number) + (hours[hourOf(row)] as number);
    const rows = drawWindow(everyRow, logWeightOf, random);
    const inWindow = new Set(rows);
    const others = everyRow.filter((row) => !inWindow.has(row));
    const calibration = learnCalibration(pick(holdout.labels, others), pick(holdout.predictions, others));
    const [labels, predictions] = [pick(holdout.labels, rows), pick(holdout.predictions, rows)];
    const basis = { chances: calibratedChances(calibration, predictions), learntRows: calibration.rowCount };
    const expected = expectQuality(predictions, basis, 0.5);
    if (expected.auc === undefined || expected.logLoss === undefined) throw new Error('a window expects both classes');
    const auc = areaUnderRocCurve(labels, predictions);
    if (Math.abs(auc - expected.auc.value) <= REACH * expected.auc.standardError) sums.aucInside += 1;
    const loss = logLoss(labels, predictions);
    if (Math.abs(loss - expected.logLoss.value) <= REACH * expected.logLoss.standardError) sums.lossInside += 1;
    sums.aucWidth += 2 * REACH * expected.auc.standardError;
    sums.lossWidth += 2 * REACH * expected.logLoss.standardError;
    sums.auc += auc;
    sums.aucSquares += auc * auc;
  }
  return {
    strength,
    windowCount,
    aucInside: sums.aucInside / windowCount,
    aucMeanWidth: sums.aucWidth / windowCount,
    aucSpread: Math.sqrt(Math.max(0, sums.aucSquares / windowCount - (sums.auc / windowCount) ** 2)),
    logLossInside: sums.lossInside / windowCount,
    logLossMeanWidth: sums.lossWidth / windowCount,
  };
};
