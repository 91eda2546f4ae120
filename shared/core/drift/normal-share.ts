const B = [1.330274429, -1.821255978, 1.781477937, -0.356563782, 0.31938153] as const;

/** The standard normal's distribution function, to 7.5e-8: Abramowitz & Stegun 1964, 26.2.17. */
export const normalShare = (x: number): number => {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const tail = Math.exp((-x * x) / 2) * 0.3989422804014327 * t * B.reduce((sum, b) => sum * t + b, 0);
  return x >= 0 ? 1 - tail : tail;
};
