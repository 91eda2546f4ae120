import { expect, it } from 'vitest';
import { countUnits, experimentResults } from '../../../../../shared/core/routing/index.ts';

const experiment = {
  experimentId: 'e-1',
  startedAtMs: 0,
  endedAtMs: 10,
  arms: [
    { version: 1, share: 5_000 },
    { version: 2, share: 5_000 },
  ],
};
const line = (predictionId: string, version: number, unit?: string) => ({
  kind: 'prediction' as const,
  predictionId,
  version,
  request: { id: `r-${predictionId}` },
  output: version,
  assignment: { arm: 'e-1', ...(unit === undefined ? {} : { unit }) },
});

it('counts each line once and each unit once, whatever order they come in', () => {
  const counts = countUnits(experiment);

  for (const one of [
    line('a', 1, 'ann'),
    line('a', 1, 'ann'),
    line('b', 1, 'ann'),
    line('c', 2, 'bob'),
    line('d', 2),
  ]) {
    counts.add(one);
  }
  counts.add({ kind: 'failure', predictionId: 'f', version: 2, assignment: { arm: 'e-1', unit: 'cem' } });

  expect(experimentResults(counts).results).toEqual([
    { version: 1, share: 0.5, unitCount: 1, predictionCount: 2, failureCount: 0, meanOutput: 1 },
    { version: 2, share: 0.5, unitCount: 3, predictionCount: 2, failureCount: 1, meanOutput: 2 },
  ]);
});

it('leaves out what no chance assigned, and what is another experiment’s', () => {
  const counts = countUnits(experiment);

  counts.add({ ...line('a', 1), assignment: { arm: 'e-1', cohort: 'testers' } });
  counts.add({ ...line('b', 1), assignment: { arm: 'e-2' } });
  counts.add({ ...line('c', 3) });

  expect(experimentResults(counts)).toMatchObject({
    results: [{ unitCount: 0 }, { unitCount: 0 }],
    sampleRatio: { eValue: 1, pValue: 1, skewed: false },
  });
});
