import type { RetrainingSimulation } from './simulate-retraining.ts';

/** What the simulation is to show, and what it showed. */
export interface Claim {
  readonly name: string;
  readonly measured: string;
  readonly holds: boolean;
}

const FEWEST_RIGHT = 7;
/** Intervals are of 95 %; the pairs share days, so the share itself is known to a few points only. */
const LEAST_COVERED = 0.9;
/** A model of this age or more is old. */
const OLD_DAYS = 56;

export const claimsOf = ({ decisions, tallies, staleness }: RetrainingSimulation): readonly Claim[] => {
  const right = decisions.filter(({ signIsRight }) => signIsRight).length;
  const covered = decisions.filter(({ isCovered }) => isCovered).length;
  const sum = (of: (tally: (typeof tallies)[number]) => number): number =>
    tallies.reduce((total, tally) => total + of(tally), 0);
  const [pairs, allCovered] = [sum(({ count }) => count), sum(({ coveredCount }) => coveredCount)];
  const error = Math.sqrt(sum((tally) => tally.count * tally.rootMeanSquaredError ** 2) / pairs);
  const sevenDaysError = Math.sqrt(sum((tally) => tally.count * tally.sevenDaysRootMeanSquaredError ** 2) / pairs);
  const old = staleness.filter(({ fromDays, dayCount }) => fromDays >= OLD_DAYS && dayCount >= 28);
  const worse = old.filter(({ addedLoss }) => addedLoss > 0).length;
  return [
    {
      name: `the back-test's sign is right on ${FEWEST_RIGHT} of 8 dates or more`,
      measured: `${right} of ${decisions.length}`,
      holds: decisions.length === 8 && right >= FEWEST_RIGHT,
    },
    {
      name: `its interval holds the measured gain on ${FEWEST_RIGHT} of 8 dates or more`,
      measured: `${covered} of ${decisions.length}`,
      holds: covered >= FEWEST_RIGHT,
    },
    {
      name: `and in ${100 * LEAST_COVERED} % or more of all weeks and champions' ages`,
      measured: `${allCovered} of ${pairs} (${((100 * allCovered) / pairs).toFixed(1)} %)`,
      holds: allCovered / pairs >= LEAST_COVERED,
    },
    {
      name: 'up to four candidates miss the measured gain by less than the newest seven days alone',
      measured: `${error.toFixed(5)} against ${sevenDaysError.toFixed(5)} (root mean square)`,
      holds: error < sevenDaysError,
    },
    {
      name: `a model of ${OLD_DAYS} days or more loses more than the freshest on the same days, at every age`,
      measured: `${worse} of ${old.length} weeks of age`,
      holds: old.length > 0 && worse === old.length,
    },
  ];
};
