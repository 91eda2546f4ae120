import { describe, expect, it } from 'vitest';
import { watchExecutions } from '../../../../../infra/local/story/watch.ts';

/** What is told of one execution that is over when the watch ends. */
const toldOf = async (workflow: string, status: string, output: unknown): Promise<readonly string[]> => {
  const facts: string[] = [];
  let executionCount = 0;
  const observer = {
    // None at first: what was over before the watch began is not told.
    executions: async () => {
      executionCount += 1;
      return executionCount === 1 ? [] : [{ arn: 'a', name: 'e', workflow, status, startedAtMs: 1, stoppedAtMs: 3 }];
    },
    enteredStates: async () =>
      ['Start run', 'Gate passed?', 'Refuse model', 'Run finished'].map((name) => ({ name, atMs: 2 })),
    executionOutput: async () => output,
  };
  const watch = watchExecutions(observer, { fact: (atMs, text) => facts.push(`${atMs} ${text}`) });
  await watch.stop();
  return facts;
};

describe('the watch of executions', () => {
  it('says why a training made no version', async () => {
    const refused = { passed: false, outcome: 'failed: the loss 0.41 is above 0.4' };

    expect(await toldOf('train-births', 'SUCCEEDED', refused)).toEqual([
      '2 train-births: Start run → Refuse model → Run finished',
      '3 train-births: no version: failed: the loss 0.41 is above 0.4',
    ]);
  });

  it('adds nothing to a training that made one, to a rollout, and of a failure its status', async () => {
    const passed = { passed: true, outcome: 'passed' };

    expect(await toldOf('train-births', 'SUCCEEDED', passed)).toHaveLength(1);
    expect(await toldOf('canary-rollout', 'SUCCEEDED', { passed: false })).toHaveLength(1);
    expect((await toldOf('train-births', 'FAILED', null)).slice(1)).toEqual(['3 train-births: FAILED']);
  });
});
