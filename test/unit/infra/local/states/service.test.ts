import {
  CreateActivityCommand,
  CreateStateMachineCommand,
  DescribeStateMachineCommand,
  DescribeStateMachineForExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  PublishStateMachineVersionCommand,
  StartExecutionCommand,
  UpdateStateMachineCommand,
} from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { invoke, startWorkflows, TEST_ROLE, type Workflows } from '../../../../helpers/workflow.ts';

const machine = (states: Record<string, unknown>): unknown => ({
  QueryLanguage: 'JSONata',
  StartAt: Object.keys(states)[0],
  States: states,
});
/** A placeholder as CloudFormation substitutes it. */
const token = (name: string): string => `\${${name}}`;
const WAIT = machine({ Wait: { Type: 'Wait', Seconds: 60, End: true } });

describe('the API', () => {
  let workflows: Workflows;
  beforeEach(async () => {
    workflows = await startWorkflows({
      functions: {
        fine: () => 'fine',
        broken: () => {
          throw new TypeError('bad');
        },
      },
    });
  });
  afterEach(() => workflows.stop());

  it('gives the running execution for the same name and input, and refuses any other use of the name', async () => {
    const arn = await workflows.create('m', WAIT);

    const first = await workflows.start(arn, { a: 1 }, 'once');
    const second = await workflows.start(arn, { a: 1 }, 'once');
    const other = workflows.start(arn, { a: 2 }, 'once');

    expect(second).toBe(first);
    await expect(other).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
    await workflows.finish(first);
    await expect(workflows.start(arn, { a: 1 }, 'once')).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
    expect(workflows.local.recorded.events.filter(({ detailType }) => detailType.includes('Status'))).toHaveLength(2);
  });

  it('refuses names, inputs and machines that are wrong', async () => {
    const arn = await workflows.create('m', WAIT);
    const start = (fields: { name?: string; input?: string; stateMachineArn?: string }) =>
      workflows.client.send(new StartExecutionCommand({ stateMachineArn: arn, ...fields }));

    await expect(start({ name: 'a b' })).rejects.toMatchObject({ name: 'InvalidName' });
    await expect(start({ input: '{' })).rejects.toMatchObject({ name: 'InvalidExecutionInput' });
    await expect(start({ input: `"${'x'.repeat(262_144)}"` })).rejects.toMatchObject({ name: 'InvalidExecutionInput' });
    await expect(start({ stateMachineArn: `${arn}x` })).rejects.toMatchObject({ name: 'StateMachineDoesNotExist' });
  });

  it('lists executions newest first, by status and in pages', async () => {
    const arn = await workflows.create('m', WAIT);
    const first = await workflows.start(arn, {}, 'first');
    await workflows.local.clock.advanceBy(30_000);
    await workflows.start(arn, {}, 'second');
    await workflows.finish(first);
    const list = (fields: object) =>
      workflows.client.send(new ListExecutionsCommand({ stateMachineArn: arn, ...fields }));

    const page = await list({ maxResults: 1 });
    const rest = await list({ nextToken: page.nextToken });
    const running = await list({ statusFilter: 'RUNNING' });

    expect(page.executions?.map(({ name }) => name)).toEqual(['second']);
    expect(rest.executions?.map(({ name, status }) => [name, status])).toEqual([['first', 'SUCCEEDED']]);
    expect(running.executions?.map(({ name }) => name)).toEqual(['second']);
  });

  it('keeps the definition that an execution started with', async () => {
    const arn = await workflows.create('m', WAIT);
    const execution = await workflows.start(arn, {});

    const definition = JSON.stringify(machine({ Done: { Type: 'Succeed' } }));
    await workflows.client.send(new UpdateStateMachineCommand({ stateMachineArn: arn, definition }));
    const result = await workflows.finish(execution);
    const described = await workflows.client.send(new DescribeStateMachineCommand({ stateMachineArn: arn }));
    const started = await workflows.client.send(
      new DescribeStateMachineForExecutionCommand({ executionArn: execution }),
    );

    expect(result.visited).toEqual(['Wait']);
    expect(described.definition).toBe(definition);
    expect(started.definition).toBe(JSON.stringify(WAIT));
  });

  it('creates the same machine once and refuses another of the name', async () => {
    const definition = JSON.stringify(WAIT);
    const create = (text: string) =>
      workflows.client.send(new CreateStateMachineCommand({ name: 'm', definition: text, roleArn: TEST_ROLE }));

    const first = await create(definition);
    const again = await create(definition);

    expect(again).toMatchObject({ stateMachineArn: first.stateMachineArn, creationDate: first.creationDate });
    await expect(create(JSON.stringify(machine({ Done: { Type: 'Succeed' } })))).rejects.toMatchObject({
      name: 'StateMachineAlreadyExists',
    });
  });

  it('refuses operations and options that it does not have, by name', async () => {
    const express = workflows.client.send(
      new CreateStateMachineCommand({
        name: 'e',
        definition: JSON.stringify(WAIT),
        roleArn: TEST_ROLE,
        type: 'EXPRESS',
      }),
    );
    const activity = workflows.client.send(new CreateActivityCommand({ name: 'a' }));

    await expect(express).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining('type'),
    });
    await expect(activity).rejects.toMatchObject({ message: expect.stringContaining('CreateActivity') });
    const stateMachineArn = await workflows.create('m', WAIT);
    const version = workflows.client.send(new PublishStateMachineVersionCommand({ stateMachineArn }));
    await expect(version).rejects.toMatchObject({ message: expect.stringContaining('PublishStateMachineVersion') });
    const published = workflows.client.send(
      new UpdateStateMachineCommand({ stateMachineArn, definition: JSON.stringify(WAIT), publish: true }),
    );
    await expect(published).rejects.toMatchObject({ message: expect.stringContaining('publish') });
  });

  it("writes the history in AWS's form", async () => {
    const result = await workflows.run(
      machine({
        Call: invoke('broken', {
          TimeoutSeconds: 60,
          Catch: [{ ErrorEquals: ['TypeError'], Next: 'Done' }],
          End: true,
        }),
        Done: { Type: 'Succeed', Output: { ok: true } },
      }),
      { a: 1 },
    );
    const cause = '{"errorType":"TypeError","errorMessage":"bad","trace":[]}';
    const caught = JSON.stringify({ Error: 'TypeError', Cause: cause });
    const at = new Date('2001-01-01T00:00:00Z');
    const truncated = { truncated: false };
    const named = { resourceType: 'lambda', resource: 'invoke' };

    expect(result.history).toEqual([
      {
        timestamp: at,
        type: 'ExecutionStarted',
        id: 1,
        previousEventId: 0,
        executionStartedEventDetails: { input: '{"a":1}', inputDetails: truncated, roleArn: TEST_ROLE },
      },
      {
        timestamp: at,
        type: 'TaskStateEntered',
        id: 2,
        previousEventId: 0,
        stateEnteredEventDetails: { name: 'Call', input: '{"a":1}', inputDetails: truncated },
      },
      {
        timestamp: at,
        type: 'TaskScheduled',
        id: 3,
        previousEventId: 2,
        taskScheduledEventDetails: {
          ...named,
          region: 'us-east-1',
          parameters: '{"FunctionName":"arn:aws:lambda:us-east-1:000000000000:function:broken","Payload":{"a":1}}',
          timeoutInSeconds: 60,
        },
      },
      { timestamp: at, type: 'TaskStarted', id: 4, previousEventId: 3, taskStartedEventDetails: named },
      {
        timestamp: at,
        type: 'TaskFailed',
        id: 5,
        previousEventId: 4,
        taskFailedEventDetails: { ...named, error: 'TypeError', cause },
      },
      {
        timestamp: at,
        type: 'TaskStateExited',
        id: 6,
        previousEventId: 5,
        stateExitedEventDetails: { name: 'Call', output: caught, outputDetails: truncated },
      },
      {
        timestamp: at,
        type: 'SucceedStateEntered',
        id: 7,
        previousEventId: 6,
        stateEnteredEventDetails: { name: 'Done', input: caught, inputDetails: truncated },
      },
      {
        timestamp: at,
        type: 'SucceedStateExited',
        id: 8,
        previousEventId: 7,
        stateExitedEventDetails: { name: 'Done', output: '{"ok":true}', outputDetails: truncated },
      },
      {
        timestamp: at,
        type: 'ExecutionSucceeded',
        id: 9,
        previousEventId: 8,
        executionSucceededEventDetails: { output: '{"ok":true}', outputDetails: truncated },
      },
    ]);
  });

  it('gives the history backwards, in pages and without data', async () => {
    const { executionArn } = await workflows.run(machine({ Done: { Type: 'Succeed' } }), { secret: 1 });

    const page = await workflows.client.send(
      new GetExecutionHistoryCommand({ executionArn, reverseOrder: true, maxResults: 2, includeExecutionData: false }),
    );
    const rest = await workflows.client.send(
      new GetExecutionHistoryCommand({ executionArn, reverseOrder: true, nextToken: page.nextToken }),
    );

    expect([...(page.events ?? []), ...(rest.events ?? [])].map(({ id }) => id)).toEqual([4, 3, 2, 1]);
    expect(JSON.stringify(page.events)).not.toContain('secret');
  });

  it('publishes status changes on the default bus and counts them', async () => {
    const { executionArn } = await workflows.run(
      machine({ Wait: { Type: 'Wait', Seconds: 60, Next: 'Fail' }, Fail: { Type: 'Fail', Error: 'E' } }),
      {
        a: 1,
      },
    );

    const { events, metrics } = workflows.local.recorded;
    expect(events.map(({ detail }) => (detail as { status: string }).status)).toEqual(['RUNNING', 'FAILED']);
    expect(events[1]).toMatchObject({
      busName: 'default',
      source: 'aws.states',
      detailType: 'Step Functions Execution Status Change',
      resources: [executionArn],
      detail: {
        executionArn,
        input: '{"a":1}',
        output: null,
        error: 'E',
        startDate: 978_307_200_000,
        stopDate: 978_307_260_000,
      },
    });
    expect(metrics.map(({ name, value }) => [name, value])).toEqual([
      ['ExecutionsStarted', 1],
      ['ExecutionsFailed', 1],
      ['ExecutionTime', 60_000],
    ]);
  });
});

describe('AWS::StepFunctions::StateMachine', () => {
  const provision = async (workflows: Workflows, properties: Record<string, unknown>) => {
    const provider = workflows.local.services[0]?.resources['AWS::StepFunctions::StateMachine'];
    return provider?.create({ stackName: 's', logicalId: 'Machine', generatedName: 's-Machine-1', properties });
  };

  it('puts the substitutions into the definition, again and again', async () => {
    const workflows = await startWorkflows({ functions: { fine: (payload: unknown) => payload } });
    const definition = JSON.stringify(machine({ Call: invoke('fine', { End: true }) })).replace(
      /"FunctionName":"[^"]*"/,
      `"FunctionName":"${token('FineArn')}"`,
    );
    const properties = {
      DefinitionString: definition,
      DefinitionSubstitutions: { FineArn: 'arn:aws:lambda:us-east-1:000000000000:function:fine' },
      RoleArn: TEST_ROLE,
      LoggingConfiguration: {
        Level: 'ALL',
        IncludeExecutionData: true,
        Destinations: [
          {
            CloudWatchLogsLogGroup: {
              LogGroupArn: 'arn:aws:logs:us-east-1:000000000000:log-group:/aws/vendedlogs/states/m:*',
            },
          },
        ],
      },
      TracingConfiguration: { Enabled: true },
    };

    const first = await provision(workflows, properties);
    const again = await provision(workflows, properties);
    const result = await workflows.finish(await workflows.start(first?.physicalId ?? '', { a: 1 }));

    expect(again?.physicalId).toBe(first?.physicalId);
    expect(first?.attributes).toMatchObject({ Name: 's-Machine-1', Arn: first?.physicalId });
    expect(result.output).toEqual({ a: 1 });
    expect(workflows.local.recorded.logLines[0]).toMatchObject({ logGroup: '/aws/vendedlogs/states/m' });
    await workflows.stop();
  });

  it('refuses a token without a value and a property that it does not know', async () => {
    const workflows = await startWorkflows();

    await expect(
      provision(workflows, { DefinitionString: `"${token('Missing')}"`, RoleArn: TEST_ROLE }),
    ).rejects.toThrow('token Missing');
    await expect(
      provision(workflows, { DefinitionString: JSON.stringify(WAIT), RoleArn: TEST_ROLE, StateMachineVersion: 1 }),
    ).rejects.toMatchObject({ code: 'UnsupportedProperty', message: expect.stringContaining('StateMachineVersion') });
    await workflows.stop();
  });
});
