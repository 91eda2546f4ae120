import { describe, expect, it } from 'vitest';
import { decodeCbor, encodeCbor } from '../../../../../infra/local/protocols/cbor.ts';
import { fc } from '../../../../helpers/properties.ts';

const hex = (text: string): Uint8Array => Buffer.from(text, 'hex');

describe('CBOR', () => {
  it.each<[bytes: string, value: unknown]>([
    ['00', 0],
    ['1903e8', 1000],
    ['1b000000e8d4a51000', 1_000_000_000_000],
    ['3863', -100],
    ['f93c00', 1],
    ['f90001', 2 ** -24],
    ['fa47c35000', 100_000],
    ['fb3ff199999999999a', 1.1],
    ['c11a514b67b0', 1_363_896_240],
    ['62c3bc', 'ü'.normalize()],
    ['bf61610161629f0203ffff', { a: 1, b: [2, 3] }],
    ['7f657374726561646d696e67ff', 'streaming'],
    ['f6', null],
  ])('reads %s of RFC 8949', (bytes, value) => {
    expect(decodeCbor(hex(bytes))).toEqual(value);
  });

  it('reads back whatever it writes', () => {
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        fc.string(),
        fc.integer(),
        fc.maxSafeInteger(),
        fc.double({ noNaN: true }),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('any'), { maxLength: 4 }),
        fc.dictionary(fc.string(), tie('any'), { maxKeys: 4, noNullPrototype: true }),
      ),
    })).any;

    fc.assert(
      fc.property(value, (one) => {
        expect(decodeCbor(encodeCbor(one))).toEqual(one);
      }),
    );
  });

  it.each(['', '19', '5f', 'a1', '0000', 'a10102', 'ff', 'bf6161ff', '9bffffffffffffffff'])('refuses %j', (bytes) => {
    expect(() => decodeCbor(hex(bytes))).toThrow(/not valid CBOR/);
  });
});
