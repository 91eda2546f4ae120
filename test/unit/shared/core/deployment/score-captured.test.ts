import { describe, expect, it } from 'vitest';
import { missingFeatures, type ReplayedVersion, scoreCaptured } from '../../../../../shared/core/deployment/index.ts';

const signature: ReplayedVersion['signature'] = {
  task: 'binary-classification',
  inputs: [
    { name: 'x', datatype: 'FP32', shape: [-1, 1], nullable: true },
    { name: 'kind', datatype: 'BYTES', shape: [-1, 1], nullable: false },
  ],
  outputs: [{ name: 'probability', datatype: 'FP32', shape: [-1, 1] }],
};

/** Answers with x; throws for all rows of a call if one is of kind `bad`. */
const echo = (calls: number[] = []): ReplayedVersion => ({
  signature,
  predict: async ({ x, kind }, rowCount) => {
    calls.push(rowCount);
    if ((kind as readonly string[]).includes('bad')) throw new Error('the graph does not take it');
    return Float32Array.from(x as Float32Array);
  },
});

describe('a version that is asked what was captured', () => {
  it('answers row by row, and fails on what it throws at or answers without a finite number', async () => {
    const rows = [
      { x: 1, kind: 'a' },
      { x: 2, kind: 'bad' },
      { x: null, kind: 'a' },
      { x: 4, kind: 'a' },
    ];

    expect(await scoreCaptured(echo(), rows)).toEqual([1, 'failed', 'failed', 4]);
  });

  it('fails on a row that lacks a value which it does not take as missing', async () => {
    expect(await scoreCaptured(echo(), [{ x: 1, kind: null }])).toEqual(['failed']);
  });

  it('cannot be compared on a row without a feature it reads, or with one of another type', async () => {
    const rows = [{ x: 1 }, { x: 'one', kind: 'a' }, { x: null, kind: 7 }, { x: 4, kind: 'a', other: 1 }];

    expect(await scoreCaptured(echo(), rows)).toEqual(['not comparable', 'not comparable', 'not comparable', 4]);
    expect(missingFeatures(signature, rows.slice(0, 1))).toEqual(['kind']);
    expect(missingFeatures(signature, rows)).toEqual(['x', 'kind']);
  });

  it('is asked 500 rows at once at most, and none when there are none', async () => {
    const calls: number[] = [];
    const rows = Array.from({ length: 1_001 }, (_, i) => ({ x: i, kind: 'a' }));

    const answers = await scoreCaptured(echo(calls), rows);

    expect(calls).toEqual([500, 500, 1]);
    expect(answers.slice(-2)).toEqual([999, 1_000]);
    expect(await scoreCaptured(echo(calls), [{ x: 1 }])).toEqual(['not comparable']);
    expect(calls).toHaveLength(3);
  });
});
