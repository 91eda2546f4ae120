import { assert } from '../../kernel/assert.ts';
import { logGamma } from './log-gamma.ts';

const MAX_TERMS = 100_000;
const EPSILON = 1e-16;
const TINY = 1e-300;

const lowerSeries = (a: number, x: number): number => {
  let term = 1 / a;
  let sum = term;
  for (let i = 1; i <= MAX_TERMS && term > sum * EPSILON; i += 1) {
    term *= x / (a + i);
    sum += term;
  }
  return sum;
};

/** Lentz's evaluation of the continued fraction. */
const upperFraction = (a: number, x: number): number => {
  let b = x + 1 - a;
  let c = 1 / TINY;
  let d = 1 / b;
  let fraction = d;
  for (let i = 1; i <= MAX_TERMS; i += 1) {
    const numerator = -i * (i - a);
    b += 2;
    d = numerator * d + b;
    if (Math.abs(d) < TINY) d = TINY;
    c = b + numerator / c;
    if (Math.abs(c) < TINY) c = TINY;
    d = 1 / d;
    fraction *= d * c;
    if (Math.abs(d * c - 1) < EPSILON * 4) break;
  }
  return fraction;
};

/**
 * The regularised upper incomplete gamma function Q(a, x) = Γ(a, x) / Γ(a), in [0, 1], for a > 0 and x ≥ 0: by its series
 * below x = a + 1 and by its continued fraction above (Press et al., Numerical Recipes §6.2). The χ² tail of k degrees of
 * freedom is Q(k/2, x/2), and erfc(x) is Q(1/2, x²).
 */
export const upperGammaShare = (a: number, x: number): number => {
  assert(a > 0 && x >= 0, 'an incomplete gamma function needs a > 0 and x ≥ 0');
  if (x === 0) return 1;
  if (x === Number.POSITIVE_INFINITY) return 0;
  const scale = Math.exp(a * Math.log(x) - x - logGamma(a));
  const share = x < a + 1 ? 1 - scale * lowerSeries(a, x) : scale * upperFraction(a, x);
  return Math.min(1, Math.max(0, share));
};
