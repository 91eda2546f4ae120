import { describe, expect, it } from 'vitest';
import { describeFailure } from '../../../../../shared/core/registry/index.ts';

describe('describing a failure', () => {
  it.each([
    ['a function', '{"errorType":"E","errorMessage":"got 12 rows","trace":["at x"]}', 'E: got 12 rows'],
    ['a SageMaker job', '{"TrainingJobName":"j","FailureReason":"out of memory"}', 'E: out of memory'],
    ['a Batch job', '{"JobId":"j","StatusReason":"Host EC2 terminated"}', 'E: Host EC2 terminated'],
    [
      'a Batch job of several containers',
      JSON.stringify({
        StatusReason: 'Container upload cannot start',
        EcsProperties: {
          TaskProperties: [
            { Containers: [{ Name: 'fetch', ExitCode: 0 }, { Name: 'train', ExitCode: 137 }, { Name: 'upload' }] },
          ],
        },
      }),
      'E: Container upload cannot start; container train ended with exit code 137',
    ],
    ['a time limit', 'state timed out', 'E: state timed out'],
    ['JSON of another form', '[1]', 'E: [1]'],
  ])('takes the sentence out of what %s left', (_what, cause, expected) => {
    expect(describeFailure('E', cause)).toBe(expected);
  });

  it('is never longer than an item should hold', () => {
    expect(describeFailure('E', 'x'.repeat(10_000))).toHaveLength(2_000);
  });
});
