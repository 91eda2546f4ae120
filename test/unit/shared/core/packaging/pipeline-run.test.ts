import { describe, expect, it } from 'vitest';
import { endPipelineRun, startPipelineRun } from '../../../../../shared/core/packaging/index.ts';
import { createExperiment } from '../../../../../shared/core/tracking/index.ts';

const EXPERIMENT = createExperiment({ experimentId: '7', name: 'toy', tags: [], createdAtMs: 1 });
const START = { model: 'toy', runId: 'run-1', executionArn: 'arn:1', cause: {}, startedAtMs: 5 };
const DEFINITION = {
  task: 'regression',
  data: { dataset: 'toys' },
  features: [{}, {}, {}],
  trainer: { kind: 'batch', gpus: 0, hyperparameters: { 'learning rate?': '0.1' }, metricDefinitions: [] },
  evaluation: { holdoutDays: 3 },
};

const start = () =>
  startPipelineRun(START, { trackingRunId: 'a'.repeat(32), experiment: EXPERIMENT, definition: DEFINITION });

describe('a pipeline’s run', () => {
  it('has the definition’s settings as params, nested ones under dotted keys that MLflow allows', () => {
    expect(start().params).toEqual({
      task: 'regression',
      dataset: 'toys',
      trainingDays: 'all',
      holdoutDays: '3',
      featureCount: '3',
      'trainer.kind': 'batch',
      'trainer.gpus': '0',
      'trainer.hyperparameters.learning rate_': '0.1',
    });
  });

  it('keeps the time at which it ended first, so that its points are logged once', () => {
    const end = { status: 'FINISHED', endedAtMs: 9, outcome: 'passed', metrics: { loss: 0.4 } } as const;

    const first = endPipelineRun(start(), end);
    const second = endPipelineRun(first.run, { ...end, endedAtMs: 99 });

    expect(second).toEqual(first);
    expect(first.points).toEqual([{ key: 'loss', value: 0.4, timestampMs: 9, step: 0 }]);
  });
});
