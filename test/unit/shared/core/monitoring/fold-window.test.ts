import { describe, expect, it } from 'vitest';
import { type CaptureRecord, foldWindow } from '../../../../../shared/core/monitoring/index.ts';
import { fc } from '../../../../helpers/properties.ts';

const prediction = (predictionId: string, atMs: number, output = 0.5, version = 1): CaptureRecord => ({
  kind: 'prediction',
  predictionId,
  atMs,
  version,
  inputs: { x: 1 },
  output,
});
const label = (predictionId: string, value: number, knownAtMs: number, receivedAtMs = knownAtMs): CaptureRecord => ({
  kind: 'label',
  predictionId,
  label: value,
  knownAtMs,
  receivedAtMs,
});
const fold = (records: readonly CaptureRecord[], version?: number) =>
  foldWindow({ records, fromMs: 100, toMs: 200, version });

describe('the window', () => {
  it('holds a prediction once, however often its line came', () => {
    const window = fold([prediction('a', 110), prediction('b', 120), prediction('a', 110)]);

    expect(window.rows.map(({ predictionId }) => predictionId)).toEqual(['a', 'b']);
    expect(window.duplicateCount).toBe(1);
  });

  it('takes the label that became known last, and of a tie the one received last', () => {
    const window = fold([
      label('a', 1, 500),
      prediction('a', 110),
      prediction('b', 120),
      label('a', 0, 400),
      label('b', 1, 300, 301),
      label('b', 0, 300, 302),
    ]);

    expect(window.rows.map((row) => row.label)).toEqual([1, 0]);
  });

  it('begins at its start and ends before its end', () => {
    const window = fold([prediction('a', 99), prediction('b', 100), prediction('c', 199), prediction('d', 200)]);

    expect(window.rows.map(({ predictionId }) => predictionId)).toEqual(['b', 'c']);
  });

  it('leaves out labels of other windows and answers of other versions', () => {
    const window = fold([prediction('a', 110, 0.5, 1), prediction('b', 110, 0.5, 2), label('z', 1, 150)], 2);

    expect(window.rows).toEqual([{ predictionId: 'b', atMs: 110, version: 2, inputs: { x: 1 }, output: 0.5 }]);
  });

  it('is the same in any order of the lines, and with every line twice', () => {
    const id = fc.constantFrom('a', 'b', 'c');
    const small = fc.integer({ min: 98, max: 104 });
    const records = fc.array(
      fc.oneof(
        fc.tuple(id, small, fc.constantFrom(0.1, 0.2), fc.constantFrom(1, 2)).map((args) => prediction(...args)),
        fc.tuple(id, fc.constantFrom(0, 1), small, small).map((args) => label(...args)),
      ),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(records, fc.infiniteStream(fc.nat()), (lines, noise) => {
        const shuffled = lines
          .map((line) => ({ line, key: noise.next().value as number }))
          .sort((a, b) => a.key - b.key)
          .map(({ line }) => line);

        const rows = fold(lines).rows;

        expect(fold(shuffled).rows).toEqual(rows);
        expect(fold([...lines, ...shuffled]).rows).toEqual(rows);
      }),
    );
  });
});
