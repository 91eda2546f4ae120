import { isoTime } from '../../kernel/time.ts';

/** A calendar month in UTC. */
export interface Month {
  /** `2001-02` */
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
}

export const monthOf = (atMs: number): Month => {
  const [year = 0, month = 0] = isoTime(atMs).split('-').map(Number);
  return {
    name: isoTime(atMs).slice(0, 7),
    fromMs: Date.UTC(year, month - 1, 1),
    toMs: Date.UTC(year, month, 1),
  };
};

interface CostedRun {
  readonly startedAtMs: number;
  readonly costUsd?: number | undefined;
}

/** Dollars of the runs that began in a month, by the estimate on record; a run without one counts as one of `costUsd`. */
export const spentIn = ({ fromMs, toMs }: Month, runs: readonly CostedRun[], costUsd: number): number =>
  runs
    .filter(({ startedAtMs }) => startedAtMs >= fromMs && startedAtMs < toMs)
    .reduce((sum, run) => sum + (run.costUsd ?? costUsd), 0);

/** Dollars to the digits that tell them apart. */
export const tellUsd = (usd: number): string => {
  const size = Math.abs(usd);
  const digits = size >= 100 || size === 0 ? 0 : size >= 1 ? 2 : Math.min(6, 1 - Math.floor(Math.log10(size)));
  return `${usd < 0 ? '−' : ''}${size.toFixed(digits)} $`;
};

/**
 * Why a month's budget does not bear another run, or undefined where it does. A person's call is not asked.
 */
export const budgetRefusal = ({
  month,
  budgetUsd,
  spentUsd,
  costUsd,
}: {
  readonly month: Month;
  readonly budgetUsd: number;
  readonly spentUsd: number;
  readonly costUsd: number;
}): string | undefined =>
  spentUsd + costUsd <= budgetUsd
    ? undefined
    : `the budget of ${month.name} is spent: ${tellUsd(spentUsd)} of ${tellUsd(budgetUsd)} (retraining.budgetPerMonth), ` +
      `and another run costs about ${tellUsd(costUsd)}; it is looked at again on ${isoTime(month.toMs).slice(0, 10)}`;
