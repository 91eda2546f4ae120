/** What is in use elsewhere, looking at the same units. Each says once whether it would have rolled back by now. */
export interface Rival {
  readonly name: string;
  reset(): void;
  /** @param met 1 for a unit of the canary, else 0. @param failed 0 or 1. */
  see(met: 0 | 1, failed: number): boolean;
  /** So many units of the champion running that did not fail. */
  seePassing(count: number): boolean;
}

/**
 * An alarm on the canary's share of failures in a period, as CodeDeploy rolls back on: above the limit in `periods`
 * periods running.
 * https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-create-alarms.html
 */
export const createAlarm = ({
  limit,
  unitsPerPeriod,
  periods,
}: {
  readonly limit: number;
  /** Of the canary. */
  readonly unitsPerPeriod: number;
  readonly periods: number;
}): Rival => {
  let [units, failures, above] = [0, 0, 0];
  return {
    name: `alarm: more than ${100 * limit} % of ${unitsPerPeriod} canary units failed${periods > 1 ? `, ${periods} periods running` : ''}`,
    reset() {
      [units, failures, above] = [0, 0, 0];
    },
    see(met, failed) {
      if (met === 0) return false;
      units += 1;
      failures += failed;
      if (units < unitsPerPeriod) return false;
      above = failures / units > limit ? above + 1 : 0;
      [units, failures] = [0, 0];
      return above >= periods;
    },
    seePassing: () => false,
  };
};

/**
 * A metric check at every interval that rolls back after so many failed checks in all, as Flagger does (`threshold`,
 * 5 in its examples): https://docs.flagger.app/usage/how-it-works
 */
export const createFailedChecks = ({
  limit,
  unitsPerCheck,
  checks,
}: {
  readonly limit: number;
  readonly unitsPerCheck: number;
  readonly checks: number;
}): Rival => {
  let [units, failures, failedChecks] = [0, 0, 0];
  return {
    name: `checks: ${checks} times more than ${100 * limit} % of ${unitsPerCheck} canary units failed`,
    reset() {
      [units, failures, failedChecks] = [0, 0, 0];
    },
    see(met, failed) {
      if (met === 0) return false;
      units += 1;
      failures += failed;
      if (units < unitsPerCheck) return false;
      if (failures / units > limit) failedChecks += 1;
      [units, failures] = [0, 0];
      return failedChecks >= checks;
    },
    seePassing: () => false,
  };
};

const Z_95 = 1.6448536269514722;

/**
 * The two-proportion z-test at one-sided 5 %, looked at again whenever a unit of the canary failed, from 100 canary units
 * on: what a dashboard with a p-value invites to.
 */
export const createRepeatedTest = (): Rival => {
  const units = [0, 0];
  const failures = [0, 0];
  return {
    name: 'the z-test at 5 %, looked at again and again',
    reset() {
      units.fill(0);
      failures.fill(0);
    },
    see(met, failed) {
      units[met]! += 1;
      failures[met]! += failed;
      if (met === 0 || failed === 0 || units[1]! < 100 || units[0] === 0) return false;
      const [champion, canary] = [failures[0]! / units[0]!, failures[1]! / units[1]!];
      const pooled = (failures[0]! + failures[1]!) / (units[0]! + units[1]!);
      const error = Math.sqrt(pooled * (1 - pooled) * (1 / units[0]! + 1 / units[1]!));
      return canary - champion > Z_95 * error;
    },
    seePassing(count) {
      units[0]! += count;
      return false;
    },
  };
};
