import { describe, expect, it } from 'vitest';
import { scoringPlaces } from '../../../../../shared/core/batch-scoring/index.ts';

const places = (input: string, output?: string) => scoringPlaces({ input, output }, 'data');

describe('the places of a batch scoring', () => {
  it.each([
    ['scoring/june/', 'scoring/june.scored/'],
    ['datasets/flights/', 'scoring/flights.scored/'],
    ['datasets/flights/known=2001-01-01/', 'scoring/flights/known=2001-01-01.scored/'],
  ])('puts predictions for %s beside it, into %s', (input, output) => {
    expect(places(`s3://data/${input}`)).toEqual({ input, output });
  });

  it('takes the place that is asked for', () => {
    expect(places('s3://data/datasets/f/', 's3://data/scoring/out/').output).toBe('scoring/out/');
  });

  it.each([
    's3://other/scoring/june/',
    's3://data/scoring/june',
    's3://data/scoring/',
    's3://data/capture/toy/',
    's3://data/scoring/../capture/',
    's3://data/scoring//x/',
    `s3://data/scoring/${'x'.repeat(200)}/`,
    'scoring/june/',
  ])('refuses the input %s', (input) => {
    expect(() => places(input)).toThrow('input must be a prefix below s3://data/datasets/ or s3://data/scoring/');
  });

  it('refuses an output outside its root, or in its input, or around it', () => {
    expect(() => places('s3://data/scoring/a/', 's3://data/datasets/out/')).toThrow('output must be a prefix below');
    for (const output of ['s3://data/scoring/a/out/', 's3://data/scoring/a/']) {
      expect(() => places('s3://data/scoring/a/', output)).toThrow('must not lie in one another');
    }
    expect(() => places('s3://data/scoring/a/b/', 's3://data/scoring/a/')).toThrow('must not lie in one another');
  });
});
