import { expect, it } from 'vitest';
import { holdoutScore, scoreMatrix } from '../../../../../shared/core/governance/score-matrix.ts';
import type { ModelVersion } from '../../../../../shared/core/registry/index.ts';

const score = (version: number, dataset: string) => ({
  version,
  dataset,
  metrics: { loss: version },
  atMs: 1,
  by: 'a',
});

it('puts datasets in the order of their names, and the newest version first', () => {
  expect(scoreMatrix([score(1, 'b'), score(2, 'b'), score(1, 'a')])).toEqual([
    { dataset: 'a', scores: [{ version: 1, metrics: { loss: 1 }, atMs: 1, by: 'a' }] },
    {
      dataset: 'b',
      scores: [
        { version: 2, metrics: { loss: 2 }, atMs: 1, by: 'a' },
        { version: 1, metrics: { loss: 1 }, atMs: 1, by: 'a' },
      ],
    },
  ]);
});

it('takes a version’s holdout from what its gate measured, and none from a client’s version', () => {
  const packaged = { model: 'toy', version: 3, modelDigest: 'd', metrics: { holdoutLoss: 1 }, registeredAtMs: 7 };
  const version = { ...packaged, datasetSnapshot: 's' } as unknown as ModelVersion;

  expect(holdoutScore(version)).toEqual([
    { version: 3, dataset: 'holdout:s', metrics: { holdoutLoss: 1 }, atMs: 7, by: 'workflow:train-toy' },
  ]);
  expect(holdoutScore({ ...version, metrics: {} } as ModelVersion)).toEqual([]);
  expect(holdoutScore({ ...version, modelDigest: undefined } as ModelVersion)).toEqual([]);
});
