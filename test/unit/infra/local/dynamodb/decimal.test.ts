import { describe, expect, it } from 'vitest';
import { addNumbers, canonicalNumber, compareNumbers } from '../../../../../infra/local/dynamodb/decimal.ts';
import { fc } from '../../../../helpers/properties.ts';

/** Decimals as `coefficient × 10^-8`, so that BigInt is an exact reference. */
const scaled = fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n });
const written = (value: bigint): string => {
  const digits = (value < 0n ? -value : value).toString().padStart(9, '0');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -8)}.${digits.slice(-8)}`;
};

describe('decimal', () => {
  it('spells equal numbers alike', () => {
    expect(['1', '1.0', '+1', '01', '10e-1', '0.1E1', '1.000'].map(canonicalNumber)).toEqual(Array(7).fill('1'));
    expect(['0', '-0', '0.000', '0e9', '-0.0e-5'].map(canonicalNumber)).toEqual(Array(5).fill('0'));
    expect(canonicalNumber('-00123.4500')).toBe('-123.45');
    expect(canonicalNumber('1.5E-3')).toBe('0.0015');
  });

  it('keeps 38 digits exactly and refuses the 39th', () => {
    const digits = '12345678901234567890123456789012345678';

    expect(canonicalNumber(digits)).toBe(digits);
    expect(canonicalNumber(`0.${digits}`)).toBe(`0.${digits}`);
    expect(() => canonicalNumber(`${digits}9`)).toThrow('more than 38 significant digits');
  });

  it.each([
    ['1e126', 'overflow'],
    ['-1e126', 'overflow'],
    ['1e-131', 'underflow'],
    ['abc', 'cannot be converted'],
    ['', 'cannot be converted'],
    ['1e', 'cannot be converted'],
  ])('refuses %s', (text, complaint) => {
    expect(() => canonicalNumber(text)).toThrow(complaint);
  });

  it('accepts the ends of the range', () => {
    expect(canonicalNumber('9.9e125')).toBe(`99${'0'.repeat(124)}`);
    expect(canonicalNumber('1e-130')).toBe(`0.${'0'.repeat(129)}1`);
  });

  it('adds without rounding', () => {
    fc.assert(
      fc.property(scaled, scaled, (left, right) => {
        expect(addNumbers(written(left), written(right))).toBe(canonicalNumber(written(left + right)));
      }),
    );
    expect(addNumbers('0.1', '0.2')).toBe('0.3');
    expect(() => addNumbers('1e50', '1')).toThrow('overflow');
  });

  it('orders by value', () => {
    fc.assert(
      fc.property(scaled, scaled, (left, right) => {
        const order = compareNumbers(canonicalNumber(written(left)), canonicalNumber(written(right)));
        expect(Math.sign(order)).toBe(left < right ? -1 : Number(left > right));
      }),
    );
  });
});
