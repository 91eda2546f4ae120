import type { ScalableTarget, TargetTracking } from './records.ts';

/**
 * How many tasks target tracking wants, as AWS documents it: out in proportion to the metric and at once, in gradually.
 * https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
 */

export interface Situation {
  readonly target: Pick<ScalableTarget, 'min' | 'max' | 'suspended' | 'lastScaling'>;
  readonly tracking: Pick<TargetTracking, 'targetValue' | 'scaleOutCooldownSeconds' | 'scaleInCooldownSeconds'>;
  /** Tasks that are wanted now. */
  readonly capacity: number;
  /** Of the metric, over the last minute that is whole, and when that began. */
  readonly value: number;
  readonly valueFromMs: number;
  readonly nowMs: number;
}

/** Ten digits: a metric that is exactly at its target in decimals asks for no more. */
const wanted = (capacity: number, value: number, targetValue: number): number =>
  Math.ceil(Number(((capacity * value) / targetValue).toPrecision(10)));

const within = ({ min, max }: Situation['target'], count: number): number => Math.min(max, Math.max(min, count));

const coolsDown = ({ target: { lastScaling }, nowMs }: Situation, direction: 'out' | 'in', seconds: number): boolean =>
  lastScaling?.direction === direction && nowMs - lastScaling.atMs < seconds * 1_000;

/** @returns more tasks than there are, or undefined. */
export const scaledOut = (situation: Situation): number | undefined => {
  const { target, tracking, capacity, value, valueFromMs } = situation;
  const { lastScaling, suspended } = target;
  if (suspended.scaleOut) return undefined;
  // What was just added counts as capacity that the metric does not show yet: only a larger need adds to it.
  const unseen =
    coolsDown(situation, 'out', tracking.scaleOutCooldownSeconds) ||
    (lastScaling?.direction === 'out' && valueFromMs <= lastScaling.atMs);
  const base = unseen ? Math.min(capacity, lastScaling?.fromCapacity ?? capacity) : capacity;
  const count = within(target, wanted(Math.max(1, base), value, tracking.targetValue));
  return count > capacity ? count : undefined;
};

/**
 * One task at a time, and then the cooldown: AWS says that it scales in gradually and not by how much.
 * @returns fewer tasks than there are, or undefined.
 */
export const scaledIn = (situation: Situation): number | undefined => {
  const { target, tracking, capacity, value } = situation;
  if (target.suspended.scaleIn) return undefined;
  if (coolsDown(situation, 'in', tracking.scaleInCooldownSeconds)) return undefined;
  if (coolsDown(situation, 'out', tracking.scaleOutCooldownSeconds)) return undefined;
  const count = within(target, Math.max(capacity - 1, wanted(capacity, value, tracking.targetValue)));
  return count < capacity ? count : undefined;
};
