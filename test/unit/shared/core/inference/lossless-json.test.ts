import { describe, expect, it } from 'vitest';
import { parseJson } from '../../../../../shared/core/inference/lossless-json.ts';
import { InvalidRequestError } from '../../../../../shared/kernel/errors.ts';
import { fc } from '../../../../helpers/properties.ts';

describe('parseJson', () => {
  it('keeps every digit of every integer when it is asked to', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n })), fc.nat(40), (integers, spaces) => {
        const text = `${' '.repeat(spaces)}{"data":[${integers.join(',')}],"name":"x"}`;

        const { data } = parseJson(text, true) as { readonly data: readonly (number | bigint)[] };

        expect(data.map(BigInt)).toEqual(integers);
      }),
      { numRuns: 1_000 },
    );
  });

  it('finds a long integer at every place of a text', () => {
    for (let place = 0; place < 64; place += 1) {
      const text = `["${'a'.repeat(place)}",-9007199254740993]`;

      expect(parseJson(text, true)).toEqual(['a'.repeat(place), -9_007_199_254_740_993n]);
    }
  });

  it('reads fractions, exponents and texts with many digits as JSON does', () => {
    const text = '[0.12345678901234567,1234567890123456789.5,1e30,12345678901234567e5,"12345678901234567890",-0]';

    expect(parseJson(text, true)).toEqual(JSON.parse(text));
  });

  it('leaves integers alone when nobody asked', () => {
    expect(parseJson('[9007199254740993]', false)).toEqual([9_007_199_254_740_992]);
  });

  it.each([
    ['broken', '{"a":', /the body is not JSON: Unexpected end/],
    ['NaN', '[NaN,1234567890123456789]', /the body is not JSON: Unexpected token 'N'/],
    ['deep', `${'['.repeat(100_000)}1234567890123456789${']'.repeat(100_000)}`, /nested too deeply/],
  ])('refuses %s text', (_name, text, says) => {
    expect(() => parseJson(text, true)).toThrow(says);
    expect(() => parseJson(text, true)).toThrow(InvalidRequestError);
  });

  it('takes no longer than a pass over a body of digits', () => {
    const text = `[0.${'1'.repeat(3_000_000)}]`;
    const startedMs = performance.now();

    expect(parseJson(text, true)).toEqual([0.1111111111111111]);
    expect(performance.now() - startedMs).toBeLessThan(2_000);
  });
});
