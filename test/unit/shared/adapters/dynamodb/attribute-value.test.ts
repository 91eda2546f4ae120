import { describe, expect, it } from 'vitest';
import { fromItem, toAttributeValue, toItem } from '../../../../../shared/adapters/dynamodb/attribute-value.ts';
import { fc } from '../../../../helpers/properties.ts';

const leaf = fc.oneof(
  fc.string(),
  fc.boolean(),
  fc.constant(null),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const value = fc.letrec((tie) => ({
  any: fc.oneof({ maxDepth: 3 }, leaf, fc.array(tie('any')), fc.dictionary(fc.string({ minLength: 1 }), tie('any'))),
})).any;

describe('attribute values', () => {
  it('give back what was stored', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }), value), (fields) => {
        const plain = JSON.parse(JSON.stringify(fields));
        expect(fromItem(toItem(plain))).toEqual(plain);
      }),
    );
  });

  it('leave out absent fields', () => {
    expect(toItem({ a: undefined, b: 1 })).toEqual({ b: { N: '1' } });
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 1n, () => 1])('refuse %s', (wrong) => {
    expect(() => toAttributeValue(wrong)).toThrow();
  });
});
