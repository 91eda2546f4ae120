import { describe, expect, it } from 'vitest';
import {
  type CapturedPrediction,
  createCaptureFold,
  decodeDay,
  decodeDelta,
  decodeHours,
  encodeDay,
  encodeDelta,
  encodeHours,
  foldPlan,
  PREDICTION_COLUMN,
} from '../../../../../shared/core/monitoring/index.ts';
import { bytesOf, packParts, unpackParts } from '../../../../../shared/core/monitoring/packed-parts.ts';
import { tableBins } from '../../../../../shared/core/profiles/index.ts';
import { mergeObjects } from '../../../../helpers/folded-window.ts';

const AT = Date.parse('2001-02-17T05:00Z');
const plan = foldPlan(
  tableBins([
    { name: 'x', type: 'number', edges: [0.5] },
    { name: PREDICTION_COLUMN, type: 'number', edges: [0.5] },
  ]),
  [{ name: 'low', where: { feature: 'x', below: 0.3 } }],
);
const source = { key: 'capture/m/2001/02/17/05/stream-1', etag: '"abc"' };
const lines: readonly CapturedPrediction[] = [
  { predictionId: 'p1', atMs: AT, version: 3, inputs: { x: 0.1 }, output: 0.25 },
  { predictionId: 'p2', atMs: AT + 1, version: 3, inputs: { x: null }, output: 0.75 },
];
const folded = () => {
  const fold = createCaptureFold(plan);
  for (const line of lines) fold.take(line);
  return fold.end();
};

describe('a delta as bytes', () => {
  it('comes back as it was, and the same lines give the same bytes', () => {
    const [delta] = folded();
    const bytes = encodeDelta({ source, ...delta! });

    expect(encodeDelta({ source, ...folded()[0]! })).toEqual(bytes);
    const found = decodeDelta(bytes, plan.bins);
    expect({ ...found, profiles: [] }).toEqual({ source, ...delta!, profiles: [] });
    expect(found.profiles.map(({ version, slice, hour, profile }) => [version, slice, hour, profile.rowCount])).toEqual(
      [
        [3, 'all', 5, 2],
        [3, 'low', 5, 1],
      ],
    );
  });

  it('is read where it does not lie at a multiple of eight', () => {
    const bytes = encodeDelta({ source, ...folded()[0]! });
    const moved = new Uint8Array(bytes.length + 3);
    moved.set(bytes, 3);

    expect(decodeDelta(moved.subarray(3), plan.bins)).toEqual(decodeDelta(bytes, plan.bins));
  });

  it('is read as an earlier release wrote it, with the answers in its index', () => {
    const [delta] = folded();
    const { header, parts } = unpackParts<object>(encodeDelta({ source, ...delta! }));
    const outputs = bytesOf(Float64Array.from([0.25, 0.75]));

    const before = packParts({
      header: { ...header, schemaVersion: 1 },
      parts: [...parts.slice(0, 3), outputs, ...parts.slice(3)],
    });

    expect(decodeDelta(before, plan.bins)).toEqual(decodeDelta(encodeDelta({ source, ...delta! }), plan.bins));
  });

  it.each([
    ['nothing', new Uint8Array(), 'a packed file must begin with the length of its header, got 0 bytes'],
    ['other bytes', new Uint8Array([2, 0, 0, 0, 65, 66]), 'a packed file must have a header of JSON, got 6 bytes'],
    [
      'bytes that end early',
      encodeDelta({ source, ...folded()[0]! }).slice(0, -40),
      'a packed file must hold all of its parts',
    ],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => decodeDelta(bytes, plan.bins)).toThrow(message);
  });

  it('refuses to be read by other bins', () => {
    const bytes = encodeDelta({ source, ...folded()[0]! });
    const other = tableBins([{ name: 'x', type: 'number', edges: [0.6] }]);

    expect(() => decodeDelta(bytes, other)).toThrow(`a profile must be counted by bins ${other.id}`);
  });
});

describe('a merged day as bytes', () => {
  const merged = () => mergeObjects(plan, '2001-02-17', { [source.key]: lines });

  it('comes back with its slices, hours and newest time', () => {
    const day = merged();

    const found = decodeDay(encodeDay({ ...day, sources: 's' }), plan.bins);
    const hours = decodeHours(encodeHours(day), plan.bins, 'low');

    expect([...found.slices].map(([name, { rowCount }]) => [name, rowCount])).toEqual([
      ['all', 2],
      ['low', 1],
    ]);
    expect(found).toMatchObject({ day: '2001-02-17', sources: 's', versions: { 3: 2 }, duplicateCount: 0 });
    expect(found.rowsByHour[5]).toBe(2);
    expect(hours.hours.map(({ version, hour, slice, profile }) => [version, hour, slice, profile.rowCount])).toEqual([
      [3, 5, 'low', 1],
    ]);
    expect(found.lastAtMs).toBe(AT + 1);
  });
});
