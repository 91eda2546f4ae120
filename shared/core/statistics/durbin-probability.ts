const multiply = (a: Float64Array, b: Float64Array, size: number): Float64Array => {
  const product = new Float64Array(size * size);
  for (let i = 0; i < size; i += 1) {
    for (let k = 0; k < size; k += 1) {
      const factor = a[i * size + k] as number;
      if (factor === 0) continue;
      for (let j = 0; j < size; j += 1)
        product[i * size + j] = (product[i * size + j] as number) + factor * (b[k * size + j] as number);
    }
  }
  return product;
};

const identity = (size: number): Float64Array => {
  const matrix = new Float64Array(size * size);
  for (let i = 0; i < size; i += 1) matrix[i * size + i] = 1;
  return matrix;
};

const durbinMatrix = (h: number, size: number): Float64Array => {
  const matrix = new Float64Array(size * size);
  const inverseFactorial = new Float64Array(size + 1);
  inverseFactorial[0] = 1;
  for (let i = 1; i <= size; i += 1) inverseFactorial[i] = (inverseFactorial[i - 1] as number) / i;
  for (let i = 0; i < size; i += 1) {
    for (let j = 1; j <= Math.min(i + 1, size - 1); j += 1)
      matrix[i * size + j] = inverseFactorial[i - j + 1] as number;
    matrix[i * size] = (1 - h ** (i + 1)) * (inverseFactorial[i + 1] as number);
  }
  for (let j = 1; j < size; j += 1)
    matrix[(size - 1) * size + j] = (1 - h ** (size - j)) * (inverseFactorial[size - j] as number);
  const corner = 1 - 2 * h ** size + Math.max(0, 2 * h - 1) ** size;
  matrix[(size - 1) * size] = corner * (inverseFactorial[size] as number);
  return matrix;
};

/** Numbers are kept near 1 by powers of two, which cost no digits. */
const SCALE = 2 ** 128;

/**
 * P(Dn < x) for the two-sided one-sample Kolmogorov distance of n rows: Durbin's matrix to the n-th power (Marsaglia,
 * Tsang & Wang 2003, J. Stat. Softw. 8/18). O(⌈n·x⌉³ · log n) steps: for small n·x.
 */
export const durbinProbability = (n: number, x: number): number => {
  const k = Math.ceil(n * x);
  const size = 2 * k - 1;
  const middle = (k - 1) * size + (k - 1);
  let base = durbinMatrix(k - n * x, size);
  let power = identity(size);
  let [baseExponent, exponent] = [0, 0];
  for (let left = n; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) {
      power = multiply(power, base, size);
      exponent += baseExponent;
    }
    base = multiply(base, base, size);
    baseExponent *= 2;
    if (Math.abs(base[middle] as number) > SCALE) {
      base = base.map((value) => value / SCALE);
      baseExponent += 128;
    }
  }
  let probability = power[middle] as number;
  for (let i = 1; i <= n; i += 1) {
    probability *= i / n;
    if (Math.abs(probability) < 1 / SCALE) {
      probability *= SCALE;
      exponent -= 128;
    }
  }
  return Math.min(1, Math.max(0, probability * 2 ** exponent));
};
