/** Columns drawn from a seed, for tests and benches of profiles. */

/** Numbers in [0, 1): Numerical Recipes' linear congruential generator, its upper bits. */
export const createDraws = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const high = state >>> 6;
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (high * 2 ** 26 + (state >>> 6)) / 2 ** 52;
  };
};

/** One standard normal number, by Box and Muller. */
export const drawNormal = (draw: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());

const SHAPES: readonly ((draw: () => number, shift: number) => number)[] = [
  (draw, shift) => drawNormal(draw) + shift,
  (draw, shift) => Math.exp(drawNormal(draw) + shift),
  (draw, shift) => Math.floor((draw() + shift) * 30),
  (draw, shift) => 1_000 + drawNormal(draw) + shift,
  (draw, shift) => (draw() < 0.4 ? 0 : drawNormal(draw) * 1e-3 + shift),
  (draw, shift) => Math.round((draw() + shift) * 1e4) / 100,
  (draw, shift) => -Math.log(1 - draw()) * 1e6 * (1 + shift),
  (draw, shift) => (draw() < 0.001 ? -1e9 : 50 + draw() + shift),
];

/** A column of one of eight shapes: normal, log-normal, counts, far from zero, half zeros, prices, skewed, outliers. */
export const drawNumbers = (
  draw: () => number,
  { count, shape, shift = 0 }: { readonly count: number; readonly shape: number; readonly shift?: number },
): Float64Array => {
  const drawOne = SHAPES[shape % SHAPES.length] ?? drawNormal;
  return Float64Array.from({ length: count }, () => drawOne(draw, shift));
};

/** Places in a list of categories, the first ones frequent. */
export const drawCodes = (draw: () => number, count: number, kinds: number): Int32Array =>
  Int32Array.from({ length: count }, () => Math.floor(draw() * draw() * kinds));
