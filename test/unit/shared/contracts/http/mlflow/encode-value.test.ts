import { describe, expect, it } from 'vitest';
import {
  answerBytes,
  encodeDouble,
  encodeKeyValues,
  listed,
} from '../../../../../../shared/contracts/http/mlflow/encode-value.ts';

describe('pieces of answers', () => {
  it.each([
    [0.5, 0.5],
    [-0, -0],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, Number.MAX_VALUE],
    [Number.NEGATIVE_INFINITY, -Number.MAX_VALUE],
  ])('writes the double %s as %s', (value, expected) => {
    expect(encodeDouble(value)).toBe(expected);
  });

  it('lists keys with their values', () => {
    expect(encodeKeyValues({ a: '1', b: '' })).toEqual([
      { key: 'a', value: '1' },
      { key: 'b', value: '' },
    ]);
  });

  it('leaves an empty list out', () => {
    expect({ ...listed('tags', []), ...listed('runs', [1]) }).toEqual({ runs: [1] });
  });

  it('counts the bytes of JSON in UTF-8', () => {
    expect(answerBytes({ a: 'é' })).toBe('{"a":"é"}'.length + 1);
  });
});
