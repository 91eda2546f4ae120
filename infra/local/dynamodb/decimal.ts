import { validationError } from './errors.ts';

/**
 * DynamoDB's number: up to 38 significant decimal digits, exact. The value is `0.<digits> × 10^exponent`; `digits` has no
 * leading and no trailing zeros and is empty for zero.
 */
interface Decimal {
  readonly negative: boolean;
  readonly digits: string;
  readonly exponent: number;
}

const MAX_SIGNIFICANT_DIGITS = 38;
/** Largest magnitude is 9.9…E+125, smallest 1E-130: as `0.d × 10^e` that is e in [-129, 126]. */
const MAX_EXPONENT = 126;
const MIN_EXPONENT = -129;
const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,9}))?$/;
const PLAIN_INTEGER = /^(?:0|-?[1-9]\d{0,14})$/;
const OVERFLOW = 'Number overflow. Attempting to store a number with magnitude larger than supported range';
const ZERO: Decimal = { negative: false, digits: '', exponent: 0 };

/** Trims zeros on both sides and checks precision and range. @throws AwsError ValidationException */
const normalized = (
  { negative, tooPrecise }: { readonly negative: boolean; readonly tooPrecise: string },
  allDigits: string,
  pointIndex: number,
): Decimal => {
  let start = 0;
  while (allDigits[start] === '0') start += 1;
  let end = allDigits.length;
  while (end > start && allDigits[end - 1] === '0') end -= 1;
  if (start === end) return ZERO;
  const exponent = pointIndex - start;
  if (end - start > MAX_SIGNIFICANT_DIGITS) {
    throw validationError(tooPrecise);
  }
  if (exponent > MAX_EXPONENT) {
    throw validationError(OVERFLOW);
  }
  if (exponent < MIN_EXPONENT) {
    throw validationError('Number underflow. Attempting to store a number with magnitude smaller than supported range');
  }
  return { negative, digits: allDigits.slice(start, end), exponent };
};

/** @throws AwsError ValidationException when the text is no number, too precise or out of range. */
export const parseDecimal = (text: string): Decimal => {
  const match = NUMBER.exec(text);
  const whole = match?.[2] ?? '';
  const fraction = match?.[3] ?? '';
  if (match === null || whole.length + fraction.length === 0) {
    throw validationError(`The parameter cannot be converted to a numeric value: ${text}`);
  }
  const sign = {
    negative: match[1] === '-',
    tooPrecise: 'Attempting to store more than 38 significant digits in a Number',
  };
  return normalized(sign, whole + fraction, whole.length + Number(match[4] ?? '0'));
};

/** Plain notation, as DynamoDB answers: no exponent, no needless zeros. */
const formatDecimal = ({ negative, digits, exponent }: Decimal): string => {
  if (digits === '') return '0';
  const sign = negative ? '-' : '';
  if (exponent <= 0) return `${sign}0.${'0'.repeat(-exponent)}${digits}`;
  if (digits.length <= exponent) return `${sign}${digits}${'0'.repeat(exponent - digits.length)}`;
  return `${sign}${digits.slice(0, exponent)}.${digits.slice(exponent)}`;
};

/** One spelling per value, so that equal numbers are equal strings. @throws AwsError ValidationException */
export const canonicalNumber = (text: string): string =>
  PLAIN_INTEGER.test(text) ? text : formatDecimal(parseDecimal(text));

const compareMagnitudes = (left: Decimal, right: Decimal): number => {
  if (left.digits === '' || right.digits === '') return left.digits.length - right.digits.length;
  if (left.exponent !== right.exponent) return left.exponent - right.exponent;
  if (left.digits === right.digits) return 0;
  return left.digits < right.digits ? -1 : 1;
};

const compareDecimals = (left: Decimal, right: Decimal): number => {
  if (left.negative !== right.negative) return left.negative ? -1 : 1;
  return left.negative ? compareMagnitudes(right, left) : compareMagnitudes(left, right);
};

/** Compares two canonical numbers without parsing them where their spelling allows it. */
export const compareNumbers = (left: string, right: string): number => {
  if (left === right) return 0;
  if (PLAIN_INTEGER.test(left) && PLAIN_INTEGER.test(right)) return Number(left) - Number(right);
  return compareDecimals(parseDecimal(left), parseDecimal(right));
};

/** Scale 10^-lowest, so that both become whole numbers; at most 255 + 38 digits. */
const asScaledInteger = (value: Decimal, lowest: number): bigint => {
  if (value.digits === '') return 0n;
  const magnitude = BigInt(value.digits + '0'.repeat(value.exponent - value.digits.length - lowest));
  return value.negative ? -magnitude : magnitude;
};

const lowestPlace = (value: Decimal): number => (value.digits === '' ? 0 : value.exponent - value.digits.length);

/** @throws AwsError ValidationException when the exact sum needs more than 38 digits or leaves the range. */
export const addNumbers = (leftText: string, rightText: string): string => {
  const left = parseDecimal(leftText);
  const right = parseDecimal(rightText);
  const lowest = Math.min(lowestPlace(left), lowestPlace(right));
  const sum = asScaledInteger(left, lowest) + asScaledInteger(right, lowest);
  const digits = (sum < 0n ? -sum : sum).toString();
  // DynamoDB calls a sum that needs more digits an overflow, however small it is.
  return formatDecimal(normalized({ negative: sum < 0n, tooPrecise: OVERFLOW }, digits, digits.length + lowest));
};

export const negateNumber = (text: string): string => {
  if (text === '0') return text;
  return text.startsWith('-') ? text.slice(1) : `-${text}`;
};
