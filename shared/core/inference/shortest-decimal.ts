/** Powers of ten that a double holds exactly: products and quotients by them are rounded once. */
const EXACT_POWERS = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

interface Narrow {
  /** The nearest number of the narrow type. */
  readonly round: (value: number) => number;
  /** Significant decimal digits that survive the type, and those that always tell its numbers apart. */
  readonly digits: readonly [fewest: number, most: number];
}

const FLOAT32: Narrow = { round: Math.fround, digits: [6, 9] };
const FLOAT16: Narrow = { round: Math.f16round, digits: [3, 5] };

/** Beyond the exact powers: as the language prints so many digits. */
const bySearch = (value: number, { round, digits: [, most] }: Narrow): number => {
  for (let digits = 1; digits < most; digits += 1) {
    const candidate = Number(value.toPrecision(digits));
    if (round(candidate) === value) return candidate;
  }
  return Number(value.toPrecision(most));
};

/**
 * `value` scaled to an integer of so many digits, rounded, and scaled back, for more and more digits: the quotient of
 * an integer below 2^53 by an exact power of ten is the double that its decimal digits stand for, so it prints as them.
 */
const shortest = (value: number, type: Narrow): number => {
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return value;
  const magnitude = Math.floor(Math.log10(Math.abs(value)));
  const [fewest, most] = type.digits;
  for (let digits = fewest; digits <= most; digits += 1) {
    const power = EXACT_POWERS[digits - 1 - magnitude];
    if (power === undefined) return bySearch(value, type);
    const candidate = Math.round(value * power) / power;
    if (type.round(candidate) === value) return candidate;
  }
  return bySearch(value, type);
};

/**
 * The double that prints as the fewest decimal digits which still name this float32: 0.1 for the float32 nearest to
 * 0.1, whose own double prints as 0.10000000149011612. At a power of two it may be one digit longer than need be.
 * @param value a finite float32.
 */
export const shortestFloat32 = (value: number): number => shortest(value, FLOAT32);

/** The same for a finite float16. */
export const shortestFloat16 = (value: number): number => shortest(value, FLOAT16);
