import { describe, expect, it } from 'vitest';
import { byteRange } from '../../../../../infra/local/s3/byte-range.ts';

describe('byteRange', () => {
  it.each([
    ['bytes=0-4', { start: 0, end: 4 }],
    ['bytes=4-', { start: 4, end: 9 }],
    ['bytes=-3', { start: 7, end: 9 }],
    ['bytes=5-99', { start: 5, end: 9 }],
    ['bytes=-99', { start: 0, end: 9 }],
    [undefined, undefined],
    ['bytes=4-2', undefined],
    ['bytes=0-1,4-5', undefined],
    ['lines=0-4', undefined],
  ])('reads %s of ten bytes', (header, expected) => {
    expect(byteRange(header, 10)).toEqual(expected);
  });

  it.each([
    ['bytes=10-', 10],
    ['bytes=-0', 10],
    ['bytes=0-0', 0],
  ])('refuses %s of %d bytes', (header, size) => {
    expect(() => byteRange(header, size)).toThrow('The requested range is not satisfiable');
  });
});
