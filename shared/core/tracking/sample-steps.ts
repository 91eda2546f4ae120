import { assert } from '../../kernel/assert.ts';

/**
 * The steps of a metric that are shown of several runs: all that lie in the range, or evenly spaced `maxSteps` of them
 * with the last one; and always the first and the last step of each run. Ascending, each once.
 * @param runs The steps of each run, in any order.
 * @param range Both ends included; without one from 0 to the last step.
 */
export const sampleSteps = ({
  runs,
  range,
  maxSteps,
}: {
  readonly runs: readonly (readonly number[])[];
  readonly range?: { readonly start: number; readonly end: number };
  /** At least 1. */
  readonly maxSteps: number;
}): readonly number[] => {
  assert(maxSteps >= 1, 'at least one step is sampled');
  const extremes = new Set<number>();
  const all = new Set<number>();
  for (const steps of runs) {
    let least = Number.POSITIVE_INFINITY;
    let greatest = Number.NEGATIVE_INFINITY;
    for (const step of steps) {
      all.add(step);
      least = Math.min(least, step);
      greatest = Math.max(greatest, step);
    }
    if (steps.length > 0) extremes.add(least).add(greatest);
  }
  const within = (step: number): boolean => step >= (range?.start ?? 0) && (range === undefined || step <= range.end);
  const steps = [...all].filter(within).sort((a, b) => a - b);
  const sampled = new Set([...extremes].filter(within));
  const stride = Math.max(1, steps.length / maxSteps);
  const taken = Math.min(maxSteps, steps.length);
  for (let index = 0; index < taken; index += 1) sampled.add(steps[Math.floor(index * stride)] as number);
  const last = steps.at(-1);
  if (last !== undefined) sampled.add(last);
  return [...sampled].sort((a, b) => a - b);
};
