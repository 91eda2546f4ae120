import { assert } from '../../kernel/assert.ts';
import { durbinProbability } from './durbin-probability.ts';
import { smirnovTail } from './smirnov-tail.ts';

const SQRT_2_PI = Math.sqrt(2 * Math.PI);
const PI2 = Math.PI ** 2;

/**
 * P(Dn ≤ z/√n) by the first four terms of its expansion in 1/√n, each a theta function in the form that converges fast
 * for small z (Pelz & Good 1976, J. R. Statist. Soc. B 38).
 */
const pelzGood = (n: number, z: number): number => {
  const z2 = z * z;
  const z4 = z2 * z2;
  const z6 = z4 * z2;
  const z8 = z4 * z4;
  let [k0, k1, k2, k3, extra2, extra3] = [0, 0, 0, 0, 0, 0];
  const terms = Math.ceil((16 * z) / Math.PI);
  for (let k = terms; k >= 1; k -= 1) {
    const odd2 = (2 * k - 1) ** 2;
    const odd4 = odd2 * odd2;
    const weight = Math.exp((-PI2 / 8 / z2) * odd2);
    k0 += weight;
    k1 += weight * (-z2 + (PI2 / 4) * odd2);
    k2 += weight * (6 * z6 + 2 * z4 + ((2 * z4 - 5 * z2) * PI2 * odd2) / 4 + ((1 - 2 * z2) * PI2 ** 2 * odd4) / 16);
    k3 +=
      weight *
      (-30 * z6 -
        90 * z8 +
        (PI2 * (135 * z4 - 96 * z6) * odd2) / 4 +
        (PI2 ** 2 * (-60 * z2 + 212 * z4) * odd4) / 16 +
        (PI2 ** 3 * (5 - 30 * z2) * odd4 * odd2) / 64);
    const even = Math.exp((-PI2 / 2 / z2) * k * k) * k * k;
    extra2 += even;
    extra3 += even * (3 * z2 - PI2 * k * k);
  }
  k0 *= SQRT_2_PI / z;
  k1 *= SQRT_2_PI / (6 * z4);
  k2 = (k2 * SQRT_2_PI) / (72 * z6 * z) - (extra2 * PI2 * SQRT_2_PI) / (36 * z2 * z);
  k3 = (k3 * SQRT_2_PI) / (6480 * z8 * z2) + (extra3 * PI2 * SQRT_2_PI) / (216 * z6);
  return k0 + k1 / Math.sqrt(n) + k2 / n + k3 / n ** 1.5;
};

/** Below this z = x√n P(Dn ≤ x) is under 4e-7, so that the expansion's relative error no longer shows in the tail. */
const SMALL_Z = 0.27;

/**
 * P(Dn ≥ x): the tail of the two-sided one-sample Kolmogorov distance of n rows, in [0, 1].
 *
 * The choice of method is that of Simard & L'Ecuyer 2011 ("Computing the two-sided Kolmogorov–Smirnov distribution",
 * J. Stat. Softw. 39/11), as SciPy's `kstwo.sf` has it: Durbin's matrix for few rows and small distances, twice the
 * one-sided tail for large ones, the expansion of Pelz & Good between. Agrees with SciPy to 1e-8 relative.
 */
export const kolmogorovTail = (x: number, n: number): number => {
  assert(Number.isInteger(n) && n > 0, 'a Kolmogorov tail needs a positive number of rows');
  assert(!Number.isNaN(x), 'a Kolmogorov tail needs a distance');
  if (x >= 1) return 0;
  const nx = n * x;
  if (nx <= 0.5) return 1;
  if (nx >= n - 1) return Math.min(1, 2 * (1 - x) ** n);
  const z2 = nx * x;
  if (z2 >= 370) return 0;
  if (x >= 0.5 || z2 >= (n <= 140 ? 4 : 2.2)) return Math.min(1, 2 * smirnovTail(n, x));
  const z = Math.sqrt(z2);
  if (n <= 140 || (n * x ** 1.5 <= 1.4 && z >= SMALL_Z)) return 1 - durbinProbability(n, x);
  return Math.min(1, Math.max(0, 1 - (z < 0.05 ? 0 : pelzGood(n, z))));
};
