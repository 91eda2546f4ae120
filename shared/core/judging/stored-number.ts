/** Decimals that a sum keeps in the evidence item, by its size: they keep it small, and lose less than a unit adds. */
const scaleOf = (value: number): number => {
  const size = Math.abs(value);
  if (size < 1e3) return 1e6;
  return size < 1e5 ? 1e4 : 1e3;
};

export const storedNearest = (value: number): number => {
  const scale = scaleOf(value);
  return Math.round(value * scale) / scale;
};

/** For evidence, to which rounding must not add. */
export const storedBelow = (value: number): number => {
  const scale = scaleOf(value);
  return Math.floor(value * scale) / scale;
};
