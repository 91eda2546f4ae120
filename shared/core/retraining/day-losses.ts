import { utcDay } from '../../kernel/time.ts';

/** What a model lost on one day, a row on average. */
export interface DayLoss {
  /** Start of the UTC day of the events. */
  readonly dayMs: number;
  readonly rowCount: number;
  /** Log loss, or the RMSE of a regression. */
  readonly loss: number;
  /** In the units of `evaluation.costs`, where they are declared. */
  readonly cost?: number | undefined;
}

/** A model that learnt from what was known at a time, and what it lost on days after it. */
export interface AgedModel {
  readonly throughMs: number;
  readonly days: readonly DayLoss[];
}

export interface ComparedDay {
  /** `YYYY-MM-DD` */
  readonly day: string;
  readonly rowCount: number;
  readonly incumbentLoss: number;
  /** Mean of the candidates that were fresh then. */
  readonly candidateLoss: number;
  readonly incumbentCost?: number;
  readonly candidateCost?: number;
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const costsOf = (incumbent: DayLoss, candidates: readonly DayLoss[]) => {
  const costs = candidates.flatMap(({ cost }) => (cost === undefined ? [] : [cost]));
  return incumbent.cost === undefined || costs.length < candidates.length
    ? {}
    : { incumbentCost: incumbent.cost, candidateCost: meanOf(costs) };
};

/**
 * The incumbent beside all candidates that were trained before a day, day by day, oldest first. Every model has been
 * scored on the same rows of a day; a day without any candidate is left out.
 */
export const compareDays = (incumbent: AgedModel, candidates: readonly AgedModel[]): readonly ComparedDay[] => {
  const scored = candidates.map(({ days }) => new Map(days.map((one) => [one.dayMs, one])));
  return incumbent.days
    .toSorted((one, other) => one.dayMs - other.dayMs)
    .flatMap((own) => {
      const theirs = scored.flatMap((days) => days.get(own.dayMs) ?? []);
      if (theirs.length === 0) return [];
      return [
        {
          day: utcDay(own.dayMs),
          rowCount: own.rowCount,
          incumbentLoss: own.loss,
          candidateLoss: meanOf(theirs.map(({ loss }) => loss)),
          ...costsOf(own, theirs),
        },
      ];
    });
};
