import { describe, expect, it } from 'vitest';
import {
  type CaptureRecord,
  createCaptureFold,
  foldPlan,
  joinLabels,
  PREDICTION_COLUMN,
} from '../../../../../shared/core/monitoring/index.ts';
import { tableBins } from '../../../../../shared/core/profiles/index.ts';
import { fc } from '../../../../helpers/properties.ts';

const plan = foldPlan(tableBins([{ name: PREDICTION_COLUMN, type: 'number', edges: [0.5] }]), []);
const prediction = (predictionId: string, output: number): CaptureRecord => ({
  kind: 'prediction',
  predictionId,
  atMs: 0,
  version: 1,
  inputs: {},
  output,
});
const label = (predictionId: string, value: number, knownAtMs: number, receivedAtMs = knownAtMs): CaptureRecord => ({
  kind: 'label',
  predictionId,
  label: value,
  knownAtMs,
  receivedAtMs,
});
/** Labels and answers of predictions, where lines lie in so many objects. */
const join = (objects: readonly (readonly CaptureRecord[])[]) => {
  const folded = objects.map((lines) => {
    const fold = createCaptureFold(plan);
    for (const line of lines) fold.take(line);
    return fold.end();
  });
  const { labels, predictions } = joinLabels(
    folded.flatMap(({ days }) => days.map(({ index }) => index)),
    folded.flatMap((object) => object.labels),
  );
  return [...predictions].map((output, i) => [output, labels[i]]);
};

describe('labels', () => {
  it('join the prediction of their id, and no other', () => {
    expect(
      join([
        [prediction('a', 0.1), prediction('b', 0.2)],
        [label('b', 1, 5), label('z', 1, 5)],
      ]),
    ).toEqual([[0.2, 1]]);
  });

  it('of several the one that became known last counts, and of a tie the one received last', () => {
    const lines = [prediction('a', 0.1), prediction('b', 0.2)];

    expect(
      join([[label('a', 1, 500), label('b', 1, 300, 301)], lines, [label('a', 0, 400), label('b', 0, 300, 302)]]),
    ).toEqual([
      [0.1, 1],
      [0.2, 0],
    ]);
  });

  it('join the same in any division and order of the lines, and with every line twice', () => {
    const id = fc.constantFrom('a', 'b', 'c');
    const time = fc.integer({ min: 0, max: 3 });
    const labels = fc.array(
      fc.tuple(id, fc.constantFrom(0, 1), time, time).map((args) => label(...args)),
      { maxLength: 12 },
    );
    const predictions = ['a', 'b', 'c'].map((name, i) => prediction(name, i));
    fc.assert(
      fc.property(labels, fc.infiniteStream(fc.nat()), (lines, noise) => {
        const shuffled = [...lines, ...lines]
          .map((line) => ({ line, key: noise.next().value as number }))
          .sort((a, b) => a.key - b.key)
          .map(({ line }) => line);

        expect(join([shuffled.slice(0, 5), predictions, shuffled.slice(5)])).toEqual(
          join([[...predictions, ...lines]]),
        );
      }),
      { numRuns: 50 },
    );
  });
});
