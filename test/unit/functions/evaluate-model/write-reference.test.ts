import { expect, it } from 'vitest';
import { writeReference } from '../../../../functions/evaluate-model/write-reference.ts';
import { createMemoryArtifactStore } from '../../../../shared/adapters/memory/artifact-store.ts';
import { parseJsonFile } from '../../../../shared/contracts/json-file.ts';
import { PerformanceReferenceSchema } from '../../../../shared/contracts/performance-report.ts';
import { DAY_MS } from '../../../../shared/kernel/time.ts';
import { benchDefinition } from '../../../helpers/training-bench.ts';

it('writes what the candidate did on the hold-out, by days, with the calibration of its answers', async () => {
  const artifacts = createMemoryArtifactStore();
  const table = { labels: Float64Array.of(0, 1, 0, 1), eventAtMs: Float64Array.of(0, 1, DAY_MS, DAY_MS + 1) };

  await writeReference(artifacts, {
    definition: benchDefinition(),
    runId: 'r',
    table,
    predictions: Float32Array.of(0.25, 0.75, 0.25, 0.75),
  });

  const bytes = await artifacts.get('runs/toy/r/performance-reference.json');
  expect(parseJsonFile(PerformanceReferenceSchema, bytes, 'reference')).toMatchObject({
    rowCount: 4,
    calibration: { rowCount: 4, scores: [0.25, 0.75], chances: [0, 1] },
    metrics: { auc: 1, f1: 1, brier: 0.0625 },
    days: [
      { day: '1970-01-01', rowCount: 2 },
      { day: '1970-01-02', rowCount: 2 },
    ],
  });
});
