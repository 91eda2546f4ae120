import * as v from 'valibot';
import { closedObject } from './closed-object.ts';

const Share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const Positive = v.pipe(v.number(), v.gtValue(0, 'must be above 0'));

/** Rows beyond which the gate would outlast its function. */
const MOST_ROWS = 20_000;

/**
 * What a challenger's answers to captured inputs must be before its first live request. Without limits beside the
 * default one it is refused only for inputs that it fails on while the champion does not.
 */
export const ReplayDefinitionSchema = closedObject({
  /** Newest captured predictions that are scored again, one for each id; 0 turns the gate off. */
  rows: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MOST_ROWS)), 1_000),
  /** Largest share of the rows that the challenger alone fails on. */
  maxFailureShare: v.optional(Share, 0),
  /**
   * From which difference on a prediction counts as changed. Default: 0.1 of a probability, or a tenth of the standard
   * deviation of the champion's predictions.
   */
  changedAbove: v.optional(Positive),
  /** Largest |mean of challenger − champion|, over all rows and over each slice. */
  maxMeanShift: v.optional(Positive),
  /** Largest share of changed predictions, of all rows and of each slice. */
  maxChangedShare: v.optional(Share),
  /** How many times the champion's median time of a row the challenger's may be. */
  maxSlowdown: v.optional(v.pipe(v.number(), v.minValue(1, 'must be 1 or more'))),
});
export type ReplayDefinition = v.InferOutput<typeof ReplayDefinitionSchema>;
