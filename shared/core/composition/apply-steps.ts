import type { FeatureValue } from '../inference/index.ts';
import type { EnsembleNode, SwitchNode, TransformStep } from './composition.ts';

/** The value of a column, or why a row has none. */
export type Outcome = { readonly value: FeatureValue } | { readonly skipped: string } | { readonly failed: string };

const clip = (
  value: number,
  { min = -Infinity, max = Infinity }: { min?: number | undefined; max?: number | undefined },
) => Math.min(Math.max(value, min), max);

/** Linear between the neighbouring points; the ends beyond them. */
const onCurve = (value: number, points: readonly (readonly [number, number])[]): number => {
  const at = points.findIndex(([from]) => value <= from);
  const [upper, lower] = [points[at === -1 ? points.length - 1 : at], points[at - 1]];
  if (upper === undefined) return value;
  if (at === -1 || lower === undefined) return upper[1];
  return lower[1] + ((value - lower[0]) / (upper[0] - lower[0])) * (upper[1] - lower[1]);
};

const mapped = (
  value: FeatureValue,
  { values, otherwise }: Extract<TransformStep, { map: unknown }>['map'],
): Outcome => {
  const found = typeof value === 'string' && Object.hasOwn(values, value) ? values[value] : otherwise;
  return found === undefined ? { failed: 'the category has no place in its map' } : { value: found };
};

const applyToNumber = (value: number, step: TransformStep): Outcome => {
  if ('clip' in step) return { value: clip(value, step.clip) };
  if ('scale' in step) return { value: value * step.scale.by + step.scale.plus };
  if ('threshold' in step) return { value: value >= step.threshold ? 1 : 0 };
  if ('curve' in step) return { value: onCurve(value, step.curve) };
  if (!('log' in step)) return { value };
  const sum = value + step.log.plus;
  return sum > 0 ? { value: Math.log(sum) } : { failed: 'the logarithm needs a positive number' };
};

const applyStep = (value: FeatureValue, step: TransformStep): Outcome => {
  if ('fill' in step) return { value: value ?? step.fill };
  if ('map' in step) return mapped(value, step.map);
  return typeof value === 'number' ? applyToNumber(value, step) : { value };
};

/** A value after every step. */
export const applySteps = (value: FeatureValue, steps: readonly TransformStep[]): Outcome => {
  let current = value;
  for (const step of steps) {
    const outcome = applyStep(current, step);
    if (!('value' in outcome)) return outcome;
    current = outcome.value;
  }
  return { value: current };
};

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
};

const weightedMean = (values: readonly number[], weights: readonly number[]): number => {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return values.reduce((sum, value, i) => sum + value * (weights[i] ?? 0), 0) / total;
};

/** What members say together: of those that answered, if they are enough. A missing value is no answer. */
export const aggregate = ({ by, weights, minMembers, of }: EnsembleNode, members: readonly Outcome[]): Outcome => {
  const failure = members.find((member) => 'failed' in member);
  if (failure !== undefined) return failure;
  const answered = members.flatMap((member, i) =>
    'value' in member && typeof member.value === 'number'
      ? [{ value: member.value, weight: weights === undefined ? 1 : (weights[i] ?? 0) }]
      : [],
  );
  if (answered.length < minMembers) {
    return { failed: `${answered.length} of ${of.length} members answered, ${minMembers} must` };
  }
  const values = answered.map(({ value }) => value);
  if (by === 'mean')
    return meanOf(
      values,
      answered.map(({ weight }) => weight),
    );
  if (by === 'median') return { value: median(values) };
  return { value: by === 'min' ? Math.min(...values) : Math.max(...values) };
};

const meanOf = (values: readonly number[], weights: readonly number[]): Outcome =>
  weights.some((weight) => weight > 0)
    ? { value: weightedMean(values, weights) }
    : { failed: 'no member with a weight answered' };

/** The column that a row takes. A missing value takes the last. */
export const branchOf = ({ cases, otherwise }: SwitchNode, value: FeatureValue): string =>
  cases.find(({ when }) => ('is' in when ? value === when.is : typeof value === 'number' && value < when.below))
    ?.take ?? otherwise;
