/** |found − expected| / |expected|; of an expected 0, the absolute error. */
export const relativeError = (found: number, expected: number): number =>
  Math.abs(found - expected) / (expected === 0 ? 1 : Math.abs(expected));
