import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RedriveExecutionCommand, SendTaskSuccessCommand } from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  functionArn,
  invoke,
  startWorkflows,
  type WorkflowOptions,
  type Workflows,
} from '../../../../helpers/workflow.ts';

const HOUR_MS = 3_600_000;

const machine = (states: Record<string, unknown>): unknown => ({
  QueryLanguage: 'JSONata',
  StartAt: Object.keys(states)[0],
  States: states,
});

/**
 * A process that was killed runs no code of its own any more: the old service is left where it is and never asked again,
 * and a new one opens the same folder.
 */
describe('an execution after the process was killed', () => {
  let folder: string;
  let living: Workflows[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-resume-'));
    living = [];
  });
  afterEach(async () => {
    for (const workflows of living) await workflows.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const open = async (options: WorkflowOptions = {}): Promise<Workflows> => {
    const workflows = await startWorkflows({ ...options, folder, durable: true });
    living.push(workflows);
    return workflows;
  };

  it('goes on in the state it had reached, with its variables, and enters no state twice', async () => {
    const definition = machine({
      Count: invoke('count', { Assign: { first: '{% $states.result.Payload %}' }, Next: 'Wait' }),
      // Computed anew after the restart it would be later.
      Wait: { Type: 'Wait', Timestamp: '{% $fromMillis($millis() + 3600000) %}', Next: 'Show' },
      Show: { Type: 'Pass', Output: '{% $first %}', End: true },
    });
    const before = await open({ functions: { count: () => 7 } });
    const arn = await before.start(await before.create('m', definition), {});
    await before.local.clock.advanceBy(HOUR_MS / 2);

    const after = await open({ startMs: before.local.clock.nowMs() });
    const result = await after.finish(arn);

    expect(result).toMatchObject({
      status: 'SUCCEEDED',
      output: 7,
      visited: ['Count', 'Wait', 'Show'],
      durationMs: HOUR_MS,
    });
    expect(after.local.recorded.invocations).toEqual([]);
  });

  it('runs a task again that was under way', async () => {
    const definition = machine({ Slow: invoke('slow', { End: true }) });
    const before = await open({ functions: { slow: () => new Promise(() => {}) } });
    const arn = await before.start(await before.create('m', definition), {});

    const after = await open({ functions: { slow: () => 'done' } });
    const result = await after.finish(arn);

    expect(before.local.recorded.invocations).toHaveLength(1);
    expect(result).toMatchObject({ status: 'SUCCEEDED', output: 'done', visited: ['Slow'] });
  });

  it('goes on waiting for a retry that was planned', async () => {
    const definition = machine({
      Flaky: invoke('flaky', { Retry: [{ ErrorEquals: ['Error'], IntervalSeconds: 3600, MaxAttempts: 1 }], End: true }),
    });
    const fails = () => {
      throw new Error('no');
    };
    const before = await open({ functions: { flaky: fails } });
    const arn = await before.start(await before.create('m', definition), {});
    await before.local.clock.advanceBy(HOUR_MS / 2);

    const after = await open({ startMs: before.local.clock.nowMs(), functions: { flaky: fails } });
    const result = await after.finish(arn);

    // One attempt before, one after: the retrier's count was not forgotten.
    expect(after.local.recorded.invocations).toHaveLength(1);
    expect(result).toMatchObject({ status: 'FAILED', error: 'Error', durationMs: HOUR_MS });
  });

  it('still takes the answer to a token that was handed out before', async () => {
    let token = '';
    const ask = (payload: { token: string }): void => {
      token = payload.token;
    };
    const definition = machine({
      Ask: {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
        Arguments: { FunctionName: functionArn('ask'), Payload: { token: '{% $states.context.Task.Token %}' } },
        TimeoutSeconds: 7200,
        End: true,
      },
    });
    const before = await open({ functions: { ask } });
    const arn = await before.start(await before.create('m', definition), {});
    await before.local.clock.advanceBy(HOUR_MS);

    const after = await open({ startMs: before.local.clock.nowMs(), functions: { ask } });
    await after.client.send(new SendTaskSuccessCommand({ taskToken: token, output: '"late but fine"' }));

    expect(await after.finish(arn)).toMatchObject({ status: 'SUCCEEDED', output: 'late but fine' });
    expect(after.local.recorded.invocations).toEqual([]);
  });

  it('looks at the job it had submitted instead of submitting another', async () => {
    const definition = machine({
      Train: {
        Type: 'Task',
        Resource: 'arn:aws:states:::batch:submitJob.sync',
        Arguments: { JobName: 'j', JobQueue: 'q', JobDefinition: 'd' },
        Output: '{% $states.result.StatusReason %}',
        End: true,
      },
    });
    const answer = (status: string) => (_service: string, action: string) =>
      action === 'SubmitJob' ? { jobId: 'j1' } : { jobs: [{ jobId: 'j1', status, statusReason: 'done meanwhile' }] };
    const before = await open({ call: answer('RUNNING') });
    const arn = await before.start(await before.create('m', definition), {});
    await before.local.clock.settle();

    const after = await open({ call: answer('SUCCEEDED') });
    const result = await after.finish(arn);

    expect(result).toMatchObject({ status: 'SUCCEEDED', output: 'done meanwhile' });
    expect(after.local.recorded.calls.map(({ action }) => action)).toEqual(['DescribeJobs']);
  });

  it('is started by nobody twice: an ended execution stays ended', async () => {
    const before = await open({ functions: { once: () => 1 } });
    const ended = await before.run(machine({ Once: invoke('once', { End: true }) }));

    const after = await open({ functions: { once: () => 2 } });

    expect(await after.finish(ended.executionArn)).toMatchObject({ status: 'SUCCEEDED', output: 1 });
    expect(after.local.recorded.invocations).toEqual([]);
  });
});

describe('redrive', () => {
  it('enters the state that failed again, with fresh retries', async () => {
    let broken = true;
    const flaky = (): string => {
      if (broken) throw new Error('down');
      return 'up';
    };
    const workflows = await startWorkflows({ functions: { flaky, first: () => 'first' } });
    const failed = await workflows.run(
      machine({ First: invoke('first', { Next: 'Flaky' }), Flaky: invoke('flaky', { End: true }) }),
    );

    broken = false;
    await workflows.client.send(new RedriveExecutionCommand({ executionArn: failed.executionArn }));
    const redriven = await workflows.finish(failed.executionArn);

    expect(failed).toMatchObject({ status: 'FAILED', visited: ['First', 'Flaky'] });
    expect(redriven).toMatchObject({ status: 'SUCCEEDED', output: 'up', visited: ['First', 'Flaky'] });
    expect(redriven.history.map(({ type }) => type)).toContain('ExecutionRedriven');
    await workflows.stop();
  });
});

it('leaves executions as they are when the service stops in good order', async () => {
  const workflows = await startWorkflows();
  const arn = await workflows.start(
    await workflows.create('m', machine({ Wait: { Type: 'Wait', Seconds: 60, End: true } })),
    {},
  );
  await workflows.local.clock.settle();

  for (const service of workflows.local.services) await service.stop?.();

  expect(workflows.local.store.table<{ status: string }>('states/executions').get(arn)?.status).toBe('RUNNING');
  expect(workflows.local.clock.openHolds()).toEqual([]);
  await workflows.stop();
});
