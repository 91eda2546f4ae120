import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { canonicalNumber, compareNumbers } from '../../../../../infra/local/dynamodb/decimal.ts';
import { encodeScalar, prefixEnd } from '../../../../../infra/local/dynamodb/key-encoding.ts';
import { fc } from '../../../../helpers/properties.ts';

const number = fc
  .tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 38n - 1n }), fc.integer({ min: -130, max: 87 }))
  .map(([negative, digits, exponent]) => canonicalNumber(`${negative ? '-' : ''}${digits}e${exponent}`));

describe('key encoding', () => {
  it('orders numbers of any sign and size by value', () => {
    fc.assert(
      fc.property(number, number, (left, right) => {
        const order = Buffer.compare(encodeScalar({ N: left }), encodeScalar({ N: right }));
        expect(order).toBe(Math.sign(compareNumbers(left, right)));
      }),
      { numRuns: 500 },
    );
    const sorted = ['-1e100', '-12', '-1.21', '-1.2', '-1', '-1e-9', '0', '1e-9', '1', '1.2', '1.21', '12', '1e100'];
    const encoded = sorted.map((text) => encodeScalar({ N: canonicalNumber(text) }));
    expect(encoded.toSorted(Buffer.compare)).toEqual(encoded);
  });

  it('orders strings by UTF-8 bytes, where JavaScript orders by UTF-16 units', () => {
    const [belowSurrogates, astral] = ['\uffff', '\u{1f600}'];

    expect(belowSurrogates < astral).toBe(false);
    expect(Buffer.compare(encodeScalar({ S: belowSurrogates }), encodeScalar({ S: astral }))).toBe(-1);
  });

  it('bounds everything that begins with a prefix', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 4 }), fc.uint8Array({ maxLength: 6 }), (prefix, other) => {
        const [start, end, value] = [Buffer.from(prefix), prefixEnd(Buffer.from(prefix)), Buffer.from(other)];
        const within = Buffer.compare(value, start) >= 0 && (end === undefined || Buffer.compare(value, end) < 0);
        expect(within).toBe(value.subarray(0, start.length).equals(start));
      }),
    );
  });
});
