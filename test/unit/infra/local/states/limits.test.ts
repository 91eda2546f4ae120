import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  SendTaskSuccessCommand,
  TagResourceCommand,
} from '@aws-sdk/client-sfn';
import { afterEach, expect, it } from 'vitest';
import { type CallFault, NO_FAULTS } from '../../../../../infra/local/contracts.ts';
import type { Visit } from '../../../../../infra/local/states/run/frame.ts';
import { leaveState } from '../../../../../infra/local/states/run/leave-state.ts';
import { invoke, startWorkflows, type WorkflowOptions, type Workflows } from '../../../../helpers/workflow.ts';

const DAY_MS = 86_400_000;

const machine = (states: Record<string, unknown>): unknown => ({
  QueryLanguage: 'JSONata',
  StartAt: Object.keys(states)[0],
  States: states,
});
const DONE = machine({ Done: { Type: 'Succeed' } });

let workflows: Workflows | undefined;
afterEach(async () => {
  await workflows?.stop();
  workflows = undefined;
});

const open = async (options: WorkflowOptions = {}): Promise<Workflows> => {
  workflows = await startWorkflows(options);
  return workflows;
};

it('forgets an execution 90 days after its end; then its name is free again', async () => {
  const { client, local, create, start, finish } = await open();
  const machineArn = await create('m', DONE);
  const first = (await finish(await start(machineArn, { a: 1 }, 'name'))).executionArn;

  await local.clock.advanceBy(90 * DAY_MS - 1);
  await expect(start(machineArn, { a: 1 }, 'name')).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
  await local.clock.advanceBy(1);
  await expect(client.send(new DescribeExecutionCommand({ executionArn: first }))).rejects.toMatchObject({
    name: 'ExecutionDoesNotExist',
  });
  expect((await client.send(new ListExecutionsCommand({ stateMachineArn: machineArn }))).executions).toEqual([]);
  const again = await finish(await start(machineArn, { a: 2 }, 'name'));

  expect(again).toMatchObject({ executionArn: first, status: 'SUCCEEDED', output: { a: 2 } });
  expect(again.history).toHaveLength(4);
});

it('leaves nothing of forgotten executions in the store', async () => {
  const { local, create, start, finish } = await open();
  const machineArn = await create('m', DONE);
  for (const name of ['a', 'b', 'c']) await finish(await start(machineArn, {}, name));
  const each = {
    Type: 'Map',
    Items: '{% [1, 2] %}',
    ItemProcessor: {
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
      StartAt: 'Done',
      States: { Done: { Type: 'Succeed' } },
    },
    End: true,
  };
  await finish(await start(await create('each', machine({ Each: each })), {}));

  await local.clock.advanceBy(92 * DAY_MS);
  await finish(await start(machineArn, {}, 'd'));

  const keys = (table: string): readonly string[] =>
    local.store
      .table(table)
      .entries()
      .map(([key]) => key);
  expect(keys('states/executions')).toHaveLength(1);
  expect(keys('states/history')).toHaveLength(4);
  expect(keys('states/ended')).toHaveLength(1);
  expect([...keys('states/map-runs'), ...keys('states/map-batches'), ...keys('states/checkpoints')]).toEqual([]);
});

it('ends an execution after a year, whatever its definition says', async () => {
  const waits = { Wait: { Type: 'Wait', Seconds: 99_999_999, End: true } };
  const { run } = await open();

  const result = await run(machine(waits));

  expect(result).toMatchObject({ status: 'TIMED_OUT', error: 'States.Timeout', durationMs: 365 * DAY_MS });
});

it('refuses more than 256 KiB of variables from one state', async () => {
  const { run } = await open();
  const both = { a: '{% $states.input %}', b: '{% $states.input %}' };

  const result = await run(machine({ A: { Type: 'Pass', Assign: both, End: true } }), 'x'.repeat(250_000));

  expect(result).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
});

it('refuses more than 10 MiB of variables altogether', () => {
  // Forty states of 256 KiB each would do it too, and take seconds.
  const visit = {
    name: 'A',
    frame: { variables: { kept: 'x'.repeat(10 * 1_048_576 - 100) }, lastEventId: 1, history: { add: () => 2 } },
  } as unknown as Visit;
  const leaving = (more: string) => () => leaveState(visit, 'Pass', { output: null, assigned: { more } });

  expect(leaving('y'.repeat(100))).toThrow(expect.objectContaining({ errorName: 'States.DataLimitExceeded' }));
  expect(leaving('y')).not.toThrow();
});

it('fails an output of more than 256 KiB, which no wildcard catches', async () => {
  const { run } = await open({ functions: { big: () => 'x'.repeat(262_144) } });

  const result = await run(
    machine({
      Big: invoke('big', { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }], End: true }),
      Caught: { Type: 'Succeed' },
    }),
  );

  expect(result).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded', visited: ['Big'] });
});

it.each<readonly [CallFault, string]>([
  [{ kind: 'throttle' }, 'Lambda.TooManyRequestsException'],
  [{ kind: 'server-error' }, 'Lambda.ServiceException'],
  [{ kind: 'lost-answer' }, 'Lambda.SdkClientException'],
])('names the fault %o of an invocation as AWS does, and tries again', async (fault, errorName) => {
  let calls = 0;
  const faults = { ...NO_FAULTS, call: () => (calls++ === 0 ? fault : undefined) };
  const { run, local } = await open({ faults, functions: { work: () => 'done' } });

  const result = await run(
    machine({ Work: invoke('work', { Retry: [{ ErrorEquals: [errorName], MaxAttempts: 1 }], End: true }) }),
  );

  expect(result).toMatchObject({ status: 'SUCCEEDED', output: 'done', durationMs: 1_000 });
  // Only a lost answer leaves an effect behind.
  expect(local.recorded.invocations).toHaveLength(fault.kind === 'lost-answer' ? 2 : 1);
});

it('lets a slow answer take its time', async () => {
  const faults = { ...NO_FAULTS, call: () => ({ kind: 'slow', delayMs: 5_000 }) as const };
  const { run } = await open({ faults, functions: { work: () => 'done' } });

  const late = await run(machine({ Work: invoke('work', { TimeoutSeconds: 4, End: true }) }));
  const inTime = await run(machine({ Work: invoke('work', { TimeoutSeconds: 6, End: true }) }));

  expect(late).toMatchObject({ status: 'FAILED', error: 'States.Timeout', durationMs: 4_000 });
  expect(inTime).toMatchObject({ status: 'SUCCEEDED', durationMs: 5_000 });
});

it('tells a token that is none from one that nobody waits for any more', async () => {
  const { client } = await open();
  const answer = (taskToken: string) => client.send(new SendTaskSuccessCommand({ taskToken, output: '{}' }));
  const id = '00000000-0000-4000-8000-000000000000';

  await expect(answer('bm90IGEgdG9rZW4gYXQgYWxs')).rejects.toMatchObject({ name: 'InvalidToken' });
  await expect(answer(Buffer.from(`${id}/e/${id}`).toString('base64'))).rejects.toMatchObject({ name: 'TaskTimedOut' });
});

it('keeps at most 50 tags', async () => {
  const { client, create } = await open();
  const resourceArn = await create('m', DONE);
  const tags = Array.from({ length: 51 }, (_, i) => ({ key: `k${i}`, value: 'v' }));

  await expect(client.send(new TagResourceCommand({ resourceArn, tags }))).rejects.toMatchObject({
    name: 'TooManyTags',
  });
});

it('leaves data that EventBridge would not take out of the status event', async () => {
  const { run, local } = await open();

  await run(DONE, 'x'.repeat(130_000));

  const details = local.recorded.events.map(({ detail }) => detail as Record<string, unknown>);
  expect(details.map(({ status, inputDetails }) => ({ status, inputDetails }))).toEqual([
    { status: 'RUNNING', inputDetails: { included: true } },
    { status: 'SUCCEEDED', inputDetails: { included: false } },
  ]);
  expect(details[1]).toMatchObject({ input: null, output: null });
});

it('shows the history of an execution under way, from a Parallel state too', async () => {
  const { client, create, start, local } = await open();
  const branch = (name: string): object => ({
    StartAt: name,
    States: { [name]: { Type: 'Wait', Seconds: 60, End: true } },
  });
  const definition = machine({ Both: { Type: 'Parallel', Branches: [branch('A'), branch('B')], End: true } });
  const executionArn = await start(await create('m', definition), {});
  await local.clock.advanceBy(1_000);

  const { events } = await client.send(new GetExecutionHistoryCommand({ executionArn }));

  expect(events?.map(({ type }) => type)).toEqual([
    'ExecutionStarted',
    'ParallelStateEntered',
    'ParallelStateStarted',
    'WaitStateEntered',
    'WaitStateEntered',
  ]);
});
