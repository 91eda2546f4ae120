/** Values as text whose order by UTF-8 bytes is the order of the values. Every form is its own separator. */

const TIMESTAMP_DIGITS = 16;

/** A whole number in [0, 2^53). */
export const padded = (value: number): string => String(value).padStart(TIMESTAMP_DIGITS, '0');

export const NUMBER_LENGTH = 16;
const bits = new DataView(new ArrayBuffer(8));
const SIGN = 0x8000_0000;
const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0');

/** What NaN is written as: above every number. */
export const SORTABLE_NAN = 'fff8000000000000';

/** The 64 bits as 16 hex digits, turned so that their order is the numbers'; -0 is 0. */
export const sortableNumber = (value: number): string => {
  if (Number.isNaN(value)) return SORTABLE_NAN;
  bits.setFloat64(0, value === 0 ? 0 : value);
  const [high, low] = [bits.getUint32(0), bits.getUint32(4)];
  return high >= SIGN ? hex(~high) + hex(~low) : hex(high ^ SIGN) + hex(low);
};

export const numberOfSortable = (text: string): number => {
  const [high, low] = [Number.parseInt(text.slice(0, 8), 16), Number.parseInt(text.slice(8, NUMBER_LENGTH), 16)];
  const negative = high < SIGN;
  bits.setUint32(0, negative ? ~high >>> 0 : (high ^ SIGN) >>> 0);
  bits.setUint32(4, negative ? ~low >>> 0 : low);
  return bits.getFloat64(0);
};

export const TIME_LENGTH = 11;
const TIME_BASE = 36;

/** A safe integer in 11 digits of base 36, the greatest first; what lies beyond is taken for the nearest. */
export const sortableTime = (timeMs: number): string => {
  const safe = Math.min(Math.max(timeMs, -Number.MAX_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
  return (BigInt(Number.MAX_SAFE_INTEGER) - BigInt(safe)).toString(TIME_BASE).padStart(TIME_LENGTH, '0');
};

export const timeOfSortable = (text: string): number => {
  let inverted = 0n;
  for (const digit of text.slice(0, TIME_LENGTH)) {
    inverted = inverted * BigInt(TIME_BASE) + BigInt(Number.parseInt(digit, TIME_BASE));
  }
  return Number(BigInt(Number.MAX_SAFE_INTEGER) - inverted);
};

const TEXT_BYTES = 600;
const END = '\u0001';
/** None holds the end. */
const ESCAPES: Readonly<Record<string, string>> = {
  '\u0000': '\u0002\u0002',
  '\u0001': '\u0002\u0003',
  '\u0002': '\u0002\u0004',
};
const ESCAPED: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(ESCAPES).map(([character, escaped]) => [escaped, character]),
);

/**
 * The first 600 bytes, cut between characters, and an end that sorts below any character. Texts that differ only
 * beyond count as equal. Unpaired surrogates become U+FFFD: DynamoDB stores none.
 */
export const sortableText = (text: string): { readonly sortable: string; readonly cut: boolean } => {
  const wellFormed = text.toWellFormed();
  let bytes = 0;
  let sortable = '';
  for (const character of wellFormed) {
    const escaped = ESCAPES[character] ?? character;
    bytes += Buffer.byteLength(escaped);
    if (bytes > TEXT_BYTES) return { sortable: sortable + END, cut: true };
    sortable += escaped;
  }
  return { sortable: sortable + END, cut: false };
};

/** The text at the start of a sort key, and where the rest begins. */
export const textOfSortable = (sortKey: string): { readonly text: string; readonly length: number } => {
  const end = sortKey.indexOf(END);
  let text = '';
  for (let at = 0; at < end; ) {
    const character = ESCAPED[sortKey.slice(at, at + 2)];
    text += character ?? sortKey[at];
    at += character === undefined ? 1 : 2;
  }
  return { text, length: end + 1 };
};
