import type { BackTest } from './back-test.ts';
import type { GainInterval } from './gain-interval.ts';
import { tellUsd } from './monthly-budget.ts';
import { tellPredictions } from './predictions-per-day.ts';
import type { WorthValue } from './worth-value.ts';

export type RetrainingDecision = 'retrain' | 'wait' | 'person';

/** What is known of a retraining before it is done. */
export interface WeighedRetraining {
  /** Or why there is none. */
  readonly backTest: BackTest | { readonly refused: string };
  readonly value?: WorthValue | undefined;
  /** How much worse a candidate's loss may be before the quality gate refuses it. */
  readonly margin: number;
  /** Undefined where nobody knows. */
  readonly costUsd?: number | undefined;
  /** `report`: whatever is found, it trains. */
  readonly mode: 'decide' | 'report';
}

export interface Decided {
  readonly decision: RetrainingDecision;
  readonly reason: string;
}

const tellLoss = (loss: number): string => `${loss < 0 ? '−' : ''}${Math.abs(loss).toPrecision(2)}`;

const tellInterval = ({ lower, upper, confidence }: GainInterval, tell: (value: number) => string): string =>
  `${tell(lower)} to ${tell(upper)}, ${Math.round(100 * confidence)} %`;

/** The back-test in words. */
const found = ({ gain, days, betterDayCount, rowCount, isProxy }: BackTest): string =>
  `trained anew on as many rows (${rowCount}), the model would have had a loss ${gain.mean >= 0 ? 'lower' : 'higher'} by ` +
  `${tellLoss(Math.abs(gain.mean))} a prediction (gain ${tellInterval(gain, tellLoss)}), and a lower one on ` +
  `${betterDayCount} of ${days.length} days${isProxy ? '; the built-in trainer stood in for the image' : ''}`;

const weighValue = (value: WorthValue, backTest: BackTest, costUsd: number): Decided => {
  const { gainUsd, horizonDays } = value;
  const saves =
    `at ${tellPredictions(value)} it saves ${tellUsd(gainUsd.mean)} in ${horizonDays} days ` +
    `(${tellInterval(gainUsd, tellUsd)}) and costs ${tellUsd(costUsd)}; ${found(backTest)}`;
  return gainUsd.mean > costUsd
    ? { decision: 'retrain', reason: `retraining is worth it: ${saves}` }
    : { decision: 'wait', reason: `retraining is not worth it: ${saves}` };
};

const weigh = ({ backTest, value, margin, costUsd = 0 }: Omit<WeighedRetraining, 'mode'>): Decided => {
  if ('refused' in backTest) {
    return { decision: 'retrain', reason: `it trains because its alarm rang, unweighed: ${backTest.refused}` };
  }
  // Less is what two models of one recipe differ by anyway, and the gate lets it pass.
  if (backTest.gain.upper < 0 && backTest.gain.mean < -margin) {
    return {
      decision: 'person',
      reason: `newer data make a worse model, which a person should look at: ${found(backTest)}`,
    };
  }
  if (value !== undefined) return weighValue(value, backTest, costUsd);
  return {
    decision: 'retrain',
    reason: `it trains because its alarm rang, as no value of a loss is declared (retraining.worth): ${found(backTest)}`,
  };
};

/**
 * Retrain, wait, or call a person. Harm that is found, and that the quality gate would refuse, calls a person: newer data
 * that make a worse model are no matter of age. Otherwise the expected gain decides against the cost; where no value is declared, nothing can be held against
 * dollars and the alarm is believed: the quality gate and the canary stand behind. What cannot be weighed is trained.
 */
export const decideRetraining = ({ mode, ...weighed }: WeighedRetraining): Decided => {
  const decided = weigh(weighed);
  return mode === 'decide' || decided.decision === 'retrain'
    ? decided
    : {
        decision: 'retrain',
        reason: `the definition only reports (retraining.worth.mode), so it trains: ${decided.reason}`,
      };
};
