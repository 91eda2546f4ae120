import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DescribeExecutionCommand,
  DescribeMapRunCommand,
  DescribeStateMachineForExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  ListMapRunsCommand,
  RedriveExecutionCommand,
  StopExecutionCommand,
  UpdateMapRunCommand,
} from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { invoke, startWorkflows, type WorkflowOptions, type Workflows } from '../../../../helpers/workflow.ts';

const mapState = (fields: Record<string, unknown> = {}): Record<string, unknown> => ({
  Type: 'Map',
  Label: 'each',
  ItemProcessor: {
    ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
    StartAt: 'Work',
    States: { Work: invoke('work', { Next: 'Rest' }), Rest: { Type: 'Wait', Seconds: 60, End: true } },
  },
  End: true,
  ...fields,
});

const machine = (states: Record<string, unknown>): unknown => ({
  QueryLanguage: 'JSONata',
  StartAt: Object.keys(states)[0],
  States: states,
});

const MINUTE_MS = 60_000;

describe('a Map Run', () => {
  let folder: string;
  let living: Workflows[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-map-'));
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
  const mapRunOf = async ({ client }: Workflows, executionArn: string): Promise<string> => {
    const { mapRuns } = await client.send(new ListMapRunsCommand({ executionArn }));
    return mapRuns?.[0]?.mapRunArn ?? '';
  };
  const children = async ({ client }: Workflows, mapRunArn: string) =>
    (await client.send(new ListExecutionsCommand({ mapRunArn }))).executions ?? [];
  const inputsOf = ({ local }: Workflows): readonly unknown[] =>
    local.recorded.invocations.map(({ payload }) => JSON.parse(payload));

  it('has children that are executions of their own, each with its history', async () => {
    const workflows = await open({ functions: { work: (item: number) => item * 2 } });
    const result = await workflows.run(machine({ Each: mapState() }), [1, 2, 3]);
    const mapRunArn = await mapRunOf(workflows, result.executionArn);

    const listed = await children(workflows, mapRunArn);
    const child = await workflows.client.send(
      new DescribeExecutionCommand({ executionArn: listed[0]?.executionArn ?? '' }),
    );
    const history = await workflows.client.send(
      new GetExecutionHistoryCommand({ executionArn: child.executionArn ?? '' }),
    );
    const run = await workflows.client.send(new DescribeMapRunCommand({ mapRunArn }));
    const machineOf = await workflows.client.send(
      new DescribeStateMachineForExecutionCommand({ executionArn: child.executionArn ?? '' }),
    );

    expect(machineOf).toMatchObject({ name: 'machine-1', mapRunArn, label: 'each' });
    expect(result.output).toEqual([2, 4, 6]);
    expect(mapRunArn).toMatch(/^arn:aws:states:us-east-1:000000000000:mapRun:machine-1\/each:[0-9a-f-]{36}$/);
    expect(listed.map(({ status, itemCount }) => ({ status, itemCount }))).toEqual(
      Array(3).fill({ status: 'SUCCEEDED', itemCount: 1 }),
    );
    expect(child).toMatchObject({
      mapRunArn,
      stateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:machine-1/each',
      executionArn: expect.stringMatching(
        /^arn:aws:states:us-east-1:000000000000:execution:machine-1\/each:[0-9a-f-]{36}$/,
      ),
    });
    expect(history.events?.map(({ type }) => type)).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'TaskScheduled',
      'TaskStarted',
      'TaskSucceeded',
      'TaskStateExited',
      'WaitStateEntered',
      'WaitStateExited',
      'ExecutionSucceeded',
    ]);
    expect(run).toMatchObject({
      status: 'SUCCEEDED',
      executionArn: result.executionArn,
      itemCounts: { total: 3, succeeded: 3, pending: 0, running: 0 },
      executionCounts: { total: 3, succeeded: 3 },
    });
    // Only the state machine's own execution is announced.
    expect(workflows.local.recorded.events).toHaveLength(2);
  });

  it('runs as many children at once as it may, and UpdateMapRun counts at once', async () => {
    const workflows = await open({ functions: { work: () => 1 } });
    const definition = machine({ Each: mapState({ MaxConcurrency: 2 }) });
    const arn = await workflows.start(await workflows.create('m', definition), [1, 2, 3, 4, 5, 6]);
    await workflows.local.clock.advanceBy(1_000);
    const mapRunArn = await mapRunOf(workflows, arn);
    const counts = async () => (await workflows.client.send(new DescribeMapRunCommand({ mapRunArn }))).executionCounts;

    expect(await counts()).toMatchObject({ pending: 4, running: 2, succeeded: 0 });
    await workflows.client.send(new UpdateMapRunCommand({ mapRunArn, maxConcurrency: 5 }));
    await workflows.local.clock.settle();
    expect(await counts()).toMatchObject({ pending: 1, running: 5 });
    expect((await workflows.finish(arn)).durationMs).toBe(2 * MINUTE_MS);
    await expect(
      workflows.client.send(new UpdateMapRunCommand({ mapRunArn, maxConcurrency: 5 })),
    ).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('goes on after a kill: no child that was started is started again, and items are not read anew', async () => {
    const definition = machine({ Each: mapState({ Items: '{% [1..4] %}', MaxConcurrency: 2 }) });
    const before = await open({ functions: { work: (item: number) => item } });
    const arn = await before.start(await before.create('m', definition), {});
    await before.local.clock.advanceBy(1.5 * MINUTE_MS);

    const after = await open({ startMs: before.local.clock.nowMs(), functions: { work: (item: number) => item } });
    const result = await after.finish(arn);

    expect([inputsOf(before), inputsOf(after)]).toEqual([[1, 2, 3, 4], []]);
    expect(result).toMatchObject({ status: 'SUCCEEDED', output: [1, 2, 3, 4], durationMs: 2 * MINUTE_MS });
    expect(await children(after, await mapRunOf(after, arn))).toHaveLength(4);
  });

  it('starts what had not been started before a kill', async () => {
    const definition = machine({ Each: mapState({ MaxConcurrency: 1 }) });
    const before = await open({ functions: { work: (item: number) => item } });
    const arn = await before.start(await before.create('m', definition), [7, 8]);
    await before.local.clock.advanceBy(MINUTE_MS / 2);

    const after = await open({ startMs: before.local.clock.nowMs(), functions: { work: (item: number) => item } });
    const result = await after.finish(arn);

    expect([inputsOf(before), inputsOf(after)]).toEqual([[7], [8]]);
    expect(result.output).toEqual([7, 8]);
  });

  it('goes on after the service was stopped in good order', async () => {
    const definition = machine({ Each: mapState({ MaxConcurrency: 1 }) });
    const before = await open({ functions: { work: (item: number) => item } });
    const arn = await before.start(await before.create('m', definition), [7, 8]);
    await before.local.clock.advanceBy(MINUTE_MS / 2);
    const stoppedAtMs = before.local.clock.nowMs();
    for (const service of before.local.services) await service.stop?.();

    const after = await open({ startMs: stoppedAtMs, functions: { work: (item: number) => item } });
    const result = await after.finish(arn);
    const run = await after.client.send(new DescribeMapRunCommand({ mapRunArn: await mapRunOf(after, arn) }));

    expect(result).toMatchObject({ status: 'SUCCEEDED', output: [7, 8], durationMs: 2 * MINUTE_MS });
    expect(run).toMatchObject({ status: 'SUCCEEDED', executionCounts: { succeeded: 2, aborted: 0 } });
  });

  it('keeps the outputs of children for longer than Step Functions shows them', async () => {
    const slow = {
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
      StartAt: 'Long',
      States: { Long: { Type: 'Wait', Seconds: 60 * 86_400, End: true } },
    };
    const definition = machine({ Each: mapState({ ItemProcessor: slow, MaxConcurrency: 1 }) });
    const workflows = await open();
    const machineArn = await workflows.create('m', definition);
    const arn = await workflows.start(machineArn, [7, 8, 9]);
    await workflows.local.clock.advanceBy(170 * 86_400_000);
    // The first child ended 110 days ago; this start sweeps.
    await workflows.start(await workflows.create('other', machine({ Done: { Type: 'Succeed' } })), {});

    expect((await children(workflows, await mapRunOf(workflows, arn))).map(({ status }) => status)).toEqual([
      'RUNNING',
      'SUCCEEDED',
    ]);
    expect((await workflows.finish(arn)).output).toEqual([7, 8, 9]);
  });

  it('inside a Parallel state begins anew after a kill, and the children of the first are stopped', async () => {
    const definition = machine({
      Both: { Type: 'Parallel', Branches: [{ StartAt: 'Each', States: { Each: mapState() } }], End: true },
    });
    const before = await open({ functions: { work: (item: number) => item } });
    const arn = await before.start(await before.create('m', definition), [7]);
    await before.local.clock.advanceBy(MINUTE_MS / 2);

    const after = await open({ startMs: before.local.clock.nowMs(), functions: { work: (item: number) => item } });
    const result = await after.finish(arn);
    const { mapRuns } = await after.client.send(new ListMapRunsCommand({ executionArn: arn }));
    const statuses = await Promise.all(
      (mapRuns ?? []).map(async ({ mapRunArn = '' }) => (await children(after, mapRunArn)).map(({ status }) => status)),
    );

    expect(result.output).toEqual([[7]]);
    expect(statuses).toEqual([['SUCCEEDED'], ['ABORTED']]);
  });

  it('stops its children when its execution is stopped', async () => {
    const workflows = await open({ functions: { work: () => 1 } });
    const arn = await workflows.start(await workflows.create('m', machine({ Each: mapState() })), [1, 2]);
    await workflows.local.clock.advanceBy(1_000);

    await workflows.client.send(new StopExecutionCommand({ executionArn: arn }));
    await workflows.local.clock.settle();
    const mapRunArn = await mapRunOf(workflows, arn);
    const run = await workflows.client.send(new DescribeMapRunCommand({ mapRunArn }));

    expect(run).toMatchObject({ status: 'ABORTED', executionCounts: { aborted: 2, running: 0 } });
    expect(workflows.local.clock.openHolds()).toEqual([]);
  });

  it('redrives the child that failed, starts what had not been started, and leaves the others', async () => {
    let broken = true;
    const work = (item: number): number => {
      if (broken && item === 2) throw new Error('two');
      return item;
    };
    const workflows = await open({ functions: { work } });
    const definition = machine({ Each: mapState({ MaxConcurrency: 1 }) });
    const failed = await workflows.run(definition, [1, 2, 3]);
    const mapRunArn = await mapRunOf(workflows, failed.executionArn);
    const statusesBefore = (await children(workflows, mapRunArn)).map(({ status }) => status).sort();
    const child = (await children(workflows, mapRunArn)).find(({ status }) => status === 'FAILED');
    const alone = workflows.client.send(new RedriveExecutionCommand({ executionArn: child?.executionArn ?? '' }));
    await expect(alone).rejects.toMatchObject({ name: 'ExecutionNotRedrivable' });

    broken = false;
    await workflows.client.send(new RedriveExecutionCommand({ executionArn: failed.executionArn }));
    const redriven = await workflows.finish(failed.executionArn);
    const run = await workflows.client.send(new DescribeMapRunCommand({ mapRunArn }));

    expect(failed).toMatchObject({ status: 'FAILED', error: 'States.ExceedToleratedFailureThreshold' });
    expect(statusesBefore).toEqual(['FAILED', 'SUCCEEDED']);
    expect(redriven).toMatchObject({ status: 'SUCCEEDED', output: [1, 2, 3] });
    expect(redriven.history.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['ExecutionRedriven', 'MapRunRedriven', 'MapRunSucceeded']),
    );
    expect(run).toMatchObject({ redriveCount: 1, executionCounts: { succeeded: 3, failed: 0 } });
    expect(inputsOf(workflows)).toEqual([1, 2, 2, 3]);
  });
});
