import {
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AwsError } from '../../../../../infra/local/contracts.ts';
import { jobWaitersOf } from '../../../../../infra/local/jobs/job-waiters.ts';
import {
  functionArn,
  invoke,
  startWorkflows,
  TEST_ROLE,
  type WorkflowFunction,
  type Workflows,
} from '../../../../helpers/workflow.ts';

const machine = (states: Record<string, unknown>): unknown => ({
  QueryLanguage: 'JSONata',
  StartAt: Object.keys(states)[0],
  States: states,
});

const types = (history: readonly { readonly type?: string | undefined }[]): readonly (string | undefined)[] =>
  history.map((event) => event.type);

const waitForToken = (fields: Record<string, unknown> = {}): Record<string, unknown> => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
  Arguments: { FunctionName: functionArn('ask'), Payload: { token: '{% $states.context.Task.Token %}' } },
  ...fields,
});

const MINUTE_MS = 60_000;

describe('tasks', () => {
  let workflows: Workflows;
  let functions: Record<string, WorkflowFunction>;
  let call: (service: string, action: string, parameters: never) => unknown;
  beforeEach(async () => {
    functions = {};
    call = () => ({});
    workflows = await startWorkflows({ functions, call: (...request) => call(...request) });
  });
  afterEach(() => workflows.stop());

  it('gives ExecutedVersion, Payload and StatusCode of an invocation', async () => {
    functions.echo = (payload: unknown) => ({ got: payload });

    const result = await workflows.run(
      machine({ Call: invoke('echo', { Output: '{% $states.result %}', End: true }) }),
      { a: 1 },
    );

    expect(result.output).toEqual({ ExecutedVersion: '$LATEST', Payload: { got: { a: 1 } }, StatusCode: 200 });
    expect(workflows.local.recorded.invocations[0]).toEqual({
      functionName: functionArn('echo'),
      payload: '{"a":1}',
      invocationType: 'RequestResponse',
      principal: {
        service: 'states.amazonaws.com',
        sourceArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:machine-1',
        roleArn: TEST_ROLE,
      },
    });
  });

  it('takes a function ARN as Resource, with the events of that form', async () => {
    functions.add = ({ a, b }: { a: number; b: number }) => a + b;

    const result = await workflows.run(
      machine({
        Add: { Type: 'Task', Resource: functionArn('add'), Arguments: { a: 1, b: '{% $states.input.b %}' }, End: true },
      }),
      { b: 2 },
    );

    expect(result.output).toBe(3);
    expect(types(result.history)).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'LambdaFunctionScheduled',
      'LambdaFunctionStarted',
      'LambdaFunctionSucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ]);
  });

  it('ends a task at TimeoutSeconds with States.Timeout, which States.TaskFailed does not match', async () => {
    functions.ask = () => null;

    const result = await workflows.run(
      machine({
        Ask: waitForToken({
          TimeoutSeconds: '{% 30 %}',
          Catch: [
            { ErrorEquals: ['States.TaskFailed'], Next: 'Wrong' },
            { ErrorEquals: ['States.Timeout'], Next: 'Late' },
          ],
          End: true,
        }),
        Wrong: { Type: 'Fail' },
        Late: { Type: 'Succeed' },
      }),
    );

    expect(result).toMatchObject({ visited: ['Ask', 'Late'], durationMs: 30_000 });
    expect(types(result.history)).toContain('TaskTimedOut');
  });

  describe('task tokens', () => {
    const begin = async (definition: unknown): Promise<{ arn: string; token: () => string }> => {
      let token = '';
      functions.ask = (payload: { token: string }) => {
        token = payload.token;
      };
      const arn = await workflows.start(await workflows.create('asking', definition), {});
      await workflows.local.clock.settle();
      return { arn, token: () => token };
    };

    it('wakes with the output that answers the token, once', async () => {
      const { arn, token } = await begin(machine({ Ask: waitForToken({ End: true }) }));

      await workflows.local.clock.advanceBy(MINUTE_MS);
      await workflows.client.send(new SendTaskSuccessCommand({ taskToken: token(), output: '{"yes":true}' }));
      const again = workflows.client.send(new SendTaskSuccessCommand({ taskToken: token(), output: '{}' }));

      await expect(again).rejects.toMatchObject({ name: 'TaskTimedOut' });
      expect(await workflows.finish(arn)).toMatchObject({
        status: 'SUCCEEDED',
        output: { yes: true },
        durationMs: MINUTE_MS,
      });
    });

    it('fails with the error that answers the token', async () => {
      const { arn, token } = await begin(
        machine({
          Ask: waitForToken({ Catch: [{ ErrorEquals: ['Refused'], Next: 'No' }], End: true }),
          No: { Type: 'Succeed' },
        }),
      );

      await workflows.client.send(
        new SendTaskFailureCommand({ taskToken: token(), error: 'Refused', cause: 'not today' }),
      );

      expect((await workflows.finish(arn)).output).toEqual({ Error: 'Refused', Cause: 'not today' });
    });

    it('keeps waiting while heartbeats come and fails with States.HeartbeatTimeout when one is missed', async () => {
      const { arn, token } = await begin(machine({ Ask: waitForToken({ HeartbeatSeconds: 60, End: true }) }));

      for (let beat = 0; beat < 3; beat += 1) {
        await workflows.local.clock.advanceBy(50_000);
        await workflows.client.send(new SendTaskHeartbeatCommand({ taskToken: token() }));
      }

      expect(await workflows.finish(arn)).toMatchObject({ error: 'States.HeartbeatTimeout', durationMs: 210_000 });
    });

    it('refuses a token that is none', async () => {
      const answer = workflows.client.send(new SendTaskSuccessCommand({ taskToken: 'x', output: '{}' }));

      await expect(answer).rejects.toMatchObject({ name: 'InvalidToken' });
    });
  });

  it('names the error of an API after the service and the exception', async () => {
    call = () => {
      throw new AwsError('ConditionalCheckFailedException', 'The conditional request failed');
    };
    const put = (resource: string): unknown =>
      machine({
        Put: { Type: 'Task', Resource: resource, Arguments: { TableName: 't', Item: { pk: { S: 'a' } } }, End: true },
      });

    const optimised = await workflows.run(put('arn:aws:states:::dynamodb:putItem'));
    const sdk = await workflows.run(put('arn:aws:states:::aws-sdk:dynamodb:putItem'));

    expect(optimised.error).toBe('DynamoDB.ConditionalCheckFailedException');
    expect(sdk.error).toBe('DynamoDb.ConditionalCheckFailedException');
    expect(workflows.local.recorded.calls[0]).toEqual({
      service: 'dynamodb',
      action: 'PutItem',
      parameters: { TableName: 't', Item: { pk: { S: 'a' } } },
      roleArn: TEST_ROLE,
    });
  });

  it.each([
    ['sagemaker:createTrainingJob', 'ThrottlingException', 'SageMaker.AmazonSageMakerException'],
    ['aws-sdk:sagemaker:createTrainingJob', 'ThrottlingException', 'SageMaker.SageMakerException'],
    ['aws-sdk:scheduler:createSchedule', 'ThrottlingException', 'Scheduler.ThrottlingException'],
    ['dynamodb:putItem', 'AccessDeniedException', 'DynamoDB.AmazonDynamoDBException'],
    ['batch:submitJob', 'ServerException', 'Batch.ServerException'],
  ])("gives an error of %s that its model does not name the client's own name: %s", async (resource, code, name) => {
    call = () => {
      throw new AwsError(code, 'no');
    };
    const Arguments = {
      ...{ TableName: 't', Item: {}, JobName: 'j', JobQueue: 'q', JobDefinition: 'd', TrainingJobName: 'j' },
      ...{ AlgorithmSpecification: {}, RoleArn: 'r', OutputDataConfig: {}, ResourceConfig: {}, StoppingCondition: {} },
    };

    const result = await workflows.run(
      machine({ Call: { Type: 'Task', Resource: `arn:aws:states:::${resource}`, Arguments, End: true } }),
    );

    expect(result.error).toBe(name);
  });

  it('names a connection that broke before the answer', async () => {
    call = () => {
      const cause = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
      throw Object.assign(new AwsError('Error', 'socket hang up', 500), { cause });
    };

    const result = await workflows.run(
      machine({
        Put: {
          Type: 'Task',
          Resource: 'arn:aws:states:::dynamodb:putItem',
          Arguments: { TableName: 't', Item: {} },
          End: true,
        },
      }),
    );

    expect(result.error).toBe('DynamoDB.SdkClientException');
  });

  it('sends details of events as text and fails when an entry was not taken', async () => {
    call = () => ({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'X' }] });

    const result = await workflows.run(
      machine({
        Put: {
          Type: 'Task',
          Resource: 'arn:aws:states:::events:putEvents',
          Arguments: { Entries: [{ Source: 'millrace', DetailType: 'T', Detail: { a: '{% 1 + 1 %}' } }] },
          End: true,
        },
      }),
    );

    expect(result.error).toBe('EventBridge.FailedEntry');
    expect(workflows.local.recorded.calls[0]?.parameters).toEqual({
      Entries: [{ Source: 'millrace', DetailType: 'T', Detail: '{"a":2}' }],
    });
  });

  describe('.sync', () => {
    const submit = (fields: Record<string, unknown> = {}): unknown =>
      machine({
        Train: {
          Type: 'Task',
          Resource: 'arn:aws:states:::batch:submitJob.sync',
          Arguments: {
            JobName: 'train',
            JobQueue: 'q',
            JobDefinition: 'd',
            Parameters: { Model: 'm' },
            EcsPropertiesOverride: {
              TaskProperties: [{ Containers: [{ Name: 'train', Environment: [{ Name: 'A', Value: '1' }] }] }],
            },
          },
          Output: '{% $states.result.Status %}',
          ...fields,
          End: true,
        },
      });

    it('waits for the end of a job, in the spelling of its API', async () => {
      let status = 'RUNNING';
      call = (_service, action) => (action === 'SubmitJob' ? { jobId: 'j1' } : { jobs: [{ jobId: 'j1', status }] });
      const arn = await workflows.start(await workflows.create('training', submit()), {});

      await workflows.local.clock.advanceBy(MINUTE_MS);
      status = 'SUCCEEDED';
      jobWaitersOf(workflows.local.store).ended('batch', 'j1');
      const result = await workflows.finish(arn);

      expect(result).toMatchObject({ status: 'SUCCEEDED', output: 'SUCCEEDED', durationMs: MINUTE_MS });
      expect(workflows.local.recorded.calls[0]?.parameters).toEqual({
        jobName: 'train',
        jobQueue: 'q',
        jobDefinition: 'd',
        parameters: { Model: 'm' },
        tags: { 'aws:states:submission': expect.stringContaining(':execution:') },
        ecsPropertiesOverride: {
          taskProperties: [{ containers: [{ name: 'train', environment: [{ name: 'A', value: '1' }] }] }],
        },
      });
      expect(types(result.history)).toEqual([
        'ExecutionStarted',
        'TaskStateEntered',
        'TaskScheduled',
        'TaskStarted',
        'TaskSubmitted',
        'TaskSucceeded',
        'TaskStateExited',
        'ExecutionSucceeded',
      ]);
    });

    it('fails with the description of a job that failed', async () => {
      call = (_service, action) =>
        action === 'SubmitJob' ? { jobId: 'j1' } : { jobs: [{ jobId: 'j1', status: 'FAILED', statusReason: 'why' }] };

      const result = await workflows.run(submit());

      expect(result.error).toBe('States.TaskFailed');
      expect(JSON.parse(result.cause ?? '')).toEqual({ JobId: 'j1', Status: 'FAILED', StatusReason: 'why' });
    });

    it('stops the job when the execution is stopped and when the task times out', async () => {
      call = (_service, action) =>
        action === 'SubmitJob' ? { jobId: 'j1' } : { jobs: [{ jobId: 'j1', status: 'RUNNING' }] };
      const arn = await workflows.start(await workflows.create('stopping', submit()), {});
      await workflows.local.clock.settle();

      await workflows.client.send(new StopExecutionCommand({ executionArn: arn, error: 'Enough', cause: 'asked' }));
      const stopped = await workflows.finish(arn);
      const late = await workflows.run(submit({ TimeoutSeconds: 10 }));

      expect(stopped).toMatchObject({ status: 'ABORTED', error: 'Enough', cause: 'asked' });
      expect(late).toMatchObject({ error: 'States.Timeout', durationMs: 10_000 });
      const stops = workflows.local.recorded.calls.filter(({ action }) => action === 'TerminateJob');
      expect(stops.map(({ parameters }) => (parameters as { jobId: string }).jobId)).toEqual(['j1', 'j1']);
    });

    it('runs a nested execution and gives its output as JSON with :2', async () => {
      const inner = await workflows.create(
        'inner',
        machine({ Wait: { Type: 'Wait', Seconds: 60, Output: { twice: '{% $states.input.n * 2 %}' }, End: true } }),
      );
      const outer = (suffix: string): unknown =>
        machine({
          Inner: {
            Type: 'Task',
            Resource: `arn:aws:states:::states:startExecution${suffix}`,
            Arguments: { StateMachineArn: inner, Input: { n: 21 } },
            Output: '{% $states.result.[StartDate, Output] %}',
            End: true,
          },
        });

      const text = await workflows.run(outer('.sync'));
      const json = await workflows.run(outer('.sync:2'));

      expect(text.output).toEqual(['2001-01-01T00:00:00.000Z', '{"twice":42}']);
      expect(json).toMatchObject({ output: ['2001-01-01T00:01:00.000Z', { twice: 42 }], durationMs: MINUTE_MS });
    });
  });
});
