import { describe, expect, it } from 'vitest';
import { refuseClimbingQuery } from '../../../../../shared/core/tracking/index.ts';
import { InvalidRequestError } from '../../../../../shared/kernel/errors.ts';

describe('the query of an artifact location', () => {
  it.each(['s3://bucket/path', 's3://bucket/a..b?x=1', 's3://b/x?prefix=a/b', 'wasbs://c@a/p?x=%20y'])(
    'may be as in %s',
    (location) => {
      expect(() => refuseClimbingQuery(location)).not.toThrow();
    },
  );

  it.each([
    's3://b/x?a=../b',
    's3://b/x?a=%2e%2e/b',
    's3://b/x?a=%252e%252e/b',
    's3://b/x?a=.%2E',
    's3://b/x?a=%zz',
    `s3://b/x?${'%25'.repeat(5)}${'25'.repeat(12)}2e`,
  ])('is refused in %s', (location) => {
    expect(() => refuseClimbingQuery(location)).toThrow(InvalidRequestError);
  });
});
