/** How far groups lie apart: as `MetricFrame.difference` and `.ratio` of Fairlearn have it. */

export interface Spread {
  readonly difference: number;
  /** Absent where nothing can be divided by. */
  readonly ratio?: number;
}

/**
 * Between groups: the largest less the smallest, and the smallest over the largest.
 * @returns undefined without values.
 */
export const spreadBetween = (values: readonly number[]): Spread | undefined => {
  if (values.length === 0) return undefined;
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return { difference: most - least, ...(most === 0 ? {} : { ratio: least / most }) };
};
