import { describe, expect, it } from 'vitest';
import {
  chunksOf,
  comparePoints,
  pointsOfChunk,
} from '../../../../../../shared/adapters/dynamodb/tracking/history-chunk.ts';
import { point } from '../../../../../helpers/tracked-runs.ts';

const series = (count: number, firstMs: number, strideMs: number) =>
  Array.from({ length: count }, (_, i) => point('m', i, firstMs + i * strideMs, i));

describe('chunks of the history', () => {
  it('hold 250 points each, by time, and each point once', () => {
    const points = series(600, 1_000, 5);

    const chunks = chunksOf([...points.toReversed(), ...points.slice(0, 10)]);

    expect(chunks.map(({ document }) => document.points.length)).toEqual([250, 250, 100]);
    expect(chunks.map(({ first }) => first.timestampMs)).toEqual([1_000, 2_250, 3_500]);
    expect(chunks.map(({ spanMs }) => spanMs)).toEqual([1_245, 1_245, 495]);
    expect(chunks.flatMap(({ document }) => pointsOfChunk(document, 'm'))).toEqual(points);
  });

  it('are the same for the same points in any order, and others for others', () => {
    const points = [point('a', Number.NaN), point('b', 1), point('a', 1)];

    expect(chunksOf(points)).toEqual(chunksOf(points.toReversed()));
    expect(chunksOf(points)[0]?.digest).not.toBe(chunksOf(points.slice(1))[0]?.digest);
  });

  it('end at the largest gaps, at most ten of them', () => {
    const far = chunksOf([point('m', 1, 0), ...series(10, 1_700_000_000_000, 10)]);
    const hourly = chunksOf(series(100, 0, 3_600_000));

    expect(far.map(({ spanMs }) => spanMs)).toEqual([0, 90]);
    expect(hourly).toHaveLength(11);
  });

  it('say how far the steps of one timestamp are apart', () => {
    const [chunk] = chunksOf([point('m', 1, 5, 40), point('m', 1, 5, -2)]);

    expect(chunk).toMatchObject({ first: point('m', 1, 5, -2), spanMs: 0, stepSpan: 42 });
    expect(chunksOf([point('m', 1, 5, 40), point('m', 1, 6, -2)])[0]?.stepSpan).toBe(0);
  });

  it('keep what belongs to a point besides its value', () => {
    const whole = { ...point('a', Number.NaN, 1, -5), modelId: 'm-1', datasetName: 'd', datasetDigest: 'x' };
    const some = [{ ...point('a', 2), modelId: 'm-1' }, { ...point('a', 3), datasetDigest: 'x' }, whole];

    for (const one of some) {
      const [chunk] = chunksOf([one]);
      const stored = JSON.parse(JSON.stringify(chunk?.document));
      expect(pointsOfChunk(stored, 'a')).toEqual([one]);
      expect(pointsOfChunk(stored, 'b')).toEqual([]);
    }
  });

  it('orders NaN below every number', () => {
    expect(comparePoints(point('a', Number.NaN), point('a', -Number.MAX_VALUE))).toBeLessThan(0);
    expect(comparePoints(point('a', 1), point('a', Number.NaN))).toBeGreaterThan(0);
    expect(comparePoints(point('a', Number.NaN), point('a', Number.NaN))).toBe(0);
  });
});
