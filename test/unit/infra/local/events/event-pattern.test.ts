import { describe, expect, it } from 'vitest';
import { compileEventPattern, parseEventPattern } from '../../../../../infra/local/events/event-pattern.ts';

const EVENT = {
  source: 'aws.s3',
  'detail-type': 'Object Created',
  resources: ['arn:aws:s3:::data', 'arn:aws:s3:::other'],
  detail: {
    bucket: { name: 'data' },
    object: { key: 'datasets/flights/known=2001-01-08/part-0.parquet', size: 300 },
    'source-ip-address': '10.0.0.7',
    reason: null,
    note: '',
    labels: [],
    checks: [
      { name: 'a', passed: true },
      { name: 'b', passed: false },
    ],
  },
};

const detail = (pattern: object) => compileEventPattern({ detail: pattern })(EVENT);

describe('an event pattern', () => {
  it.each<[claim: string, pattern: object, matches: boolean]>([
    ['exact text', { bucket: { name: ['data'] } }, true],
    ['another text', { bucket: { name: ['date'] } }, false],
    ['one of several', { bucket: { name: ['x', 'data'] } }, true],
    ['exact number', { object: { size: [300] } }, true],
    ['a number is not its text', { object: { size: ['300'] } }, false],
    ['null', { reason: [null] }, true],
    ['null is not empty text', { reason: [''] }, false],
    ['empty text', { note: [''] }, true],
    ['prefix', { object: { key: [{ prefix: 'datasets/flights/' }] } }, true],
    ['prefix that differs', { object: { key: [{ prefix: 'dataset/' }] } }, false],
    ['prefix ignoring case', { object: { key: [{ prefix: { 'equals-ignore-case': 'DATASETS/' } }] } }, true],
    ['suffix', { object: { key: [{ suffix: '.parquet' }] } }, true],
    ['equals-ignore-case', { bucket: { name: [{ 'equals-ignore-case': 'DATA' }] } }, true],
    ['wildcard', { object: { key: [{ wildcard: 'datasets/*/known=*/*.parquet' }] } }, true],
    ['wildcard is anchored', { object: { key: [{ wildcard: 'known=*' }] } }, false],
    ['anything-but', { bucket: { name: [{ 'anything-but': ['x', 'y'] }] } }, true],
    ['anything-but its own value', { bucket: { name: [{ 'anything-but': 'data' }] } }, false],
    ['anything-but needs the field', { absent: [{ 'anything-but': 'data' }] }, false],
    ['anything-but prefix', { bucket: { name: [{ 'anything-but': { prefix: 'da' } }] } }, false],
    ['anything-but suffixes', { bucket: { name: [{ 'anything-but': { suffix: ['x', 'ta'] } }] } }, false],
    ['anything-but ignoring case', { bucket: { name: [{ 'anything-but': { 'equals-ignore-case': 'DATA' } }] } }, false],
    ['anything-but wildcard', { bucket: { name: [{ 'anything-but': { wildcard: 'x*' } }] } }, true],
    ['numeric range', { object: { size: [{ numeric: ['>', 0, '<=', 300] }] } }, true],
    ['numeric bound is strict', { object: { size: [{ numeric: ['<', 300] }] } }, false],
    ['numeric equality', { object: { size: [{ numeric: ['=', 3e2] }] } }, true],
    ['exists', { object: { size: [{ exists: true }] } }, true],
    ['exists is of leaves only', { object: [{ exists: true }] }, false],
    ['exists false', { version: { id: [{ exists: false }] } }, true],
    ['an empty array holds nothing', { labels: [{ exists: false }] }, true],
    ['cidr', { 'source-ip-address': [{ cidr: '10.0.0.0/24' }] }, true],
    ['cidr outside', { 'source-ip-address': [{ cidr: '10.0.1.0/24' }] }, false],
    ['$or', { $or: [{ bucket: { name: ['x'] } }, { object: { size: [300] } }] }, true],
    ['$or with a key beside it', { note: ['full'], $or: [{ reason: [null] }, { object: { size: [300] } }] }, false],
    ['one element of an array has both', { checks: { name: ['a'], passed: [true] } }, true],
    ['no element of an array has both', { checks: { name: ['b'], passed: [true] } }, false],
  ])('%s', (_claim, pattern, matches) => {
    expect(detail(pattern)).toBe(matches);
  });

  it('matches an array if one of its elements matches', () => {
    expect(compileEventPattern({ resources: [{ suffix: 'other' }] })(EVENT)).toBe(true);
  });

  it.each([
    ['not JSON', '{'],
    ['a bare text', '{"source": "aws.s3"}'],
    ['an empty list', '{"source": []}'],
    ['an empty pattern', '{}'],
    ['an unknown matcher', '{"source": [{"regex": "a"}]}'],
    ['a range upside down', '{"size": [{"numeric": ["<", 5, ">", 1]}]}'],
    ['a doubled wildcard', '{"source": [{"wildcard": "a**"}]}'],
    ['a malformed network', '{"ip": [{"cidr": "10.0.0.0/33"}]}'],
    ['a lonely $or', '{"$or": [{"source": ["a"]}]}'],
    ['a mixed anything-but', '{"size": [{"anything-but": ["a", 1]}]}'],
  ])('refuses %s', (_what, text) => {
    expect(() => parseEventPattern(text)).toThrow(/^Event pattern is not valid\. Reason: /);
  });
});
