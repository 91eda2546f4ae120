import {
  CreateStateMachineCommand,
  DeleteStateMachineCommand,
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  RedriveExecutionCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
  UpdateStateMachineCommand,
  ValidateStateMachineDefinitionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStatesService } from '../../../infra/local/states/service.ts';
import { type ContractTarget, ON_AWS, openContractTarget } from '../../helpers/contract-target.ts';

/** On AWS a machine needs a role that `states.amazonaws.com` may assume; it needs no permission. */
const ROLE = process.env.TEST_STATES_ROLE_ARN ?? 'arn:aws:iam::000000000000:role/workflow';
const READY = !ON_AWS || process.env.TEST_STATES_ROLE_ARN !== undefined;

const machine = (states: Record<string, unknown>): string =>
  JSON.stringify({ QueryLanguage: 'JSONata', StartAt: Object.keys(states)[0], States: states });
const give = (expression: string): string =>
  machine({ Give: { Type: 'Pass', Output: `{% ${expression} %}`, End: true } });

describe.runIf(READY)('Step Functions', () => {
  let target: ContractTarget;
  let client: SFNClient;
  let machineCount = 0;
  beforeAll(async () => {
    target = await openContractTarget([createStatesService]);
    client = new SFNClient(target.clientConfig);
  });
  afterAll(() => target.stop());

  const create = async (definition: string): Promise<string> => {
    machineCount += 1;
    const name = `${target.prefix}-${machineCount}`;
    const { stateMachineArn = '' } = await client.send(
      new CreateStateMachineCommand({ name, definition, roleArn: ROLE }),
    );
    target.afterwards(() => client.send(new DeleteStateMachineCommand({ stateMachineArn })));
    return stateMachineArn;
  };
  const start = async (stateMachineArn: string, input: unknown = {}, name?: string): Promise<string> => {
    const started = await client.send(
      new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input), ...(name ? { name } : {}) }),
    );
    return started.executionArn ?? '';
  };
  const finish = async (executionArn: string) => {
    const describeIt = () => client.send(new DescribeExecutionCommand({ executionArn }));
    await target.eventually('the execution ends', async () => (await describeIt()).status !== 'RUNNING');
    const { status, output, error, cause } = await describeIt();
    const { events = [] } = await client.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }));
    return {
      executionArn,
      status,
      output: output === undefined ? undefined : JSON.parse(output),
      error,
      cause,
      types: events.map(({ type }) => type),
      visited: events.flatMap(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? []),
    };
  };
  const run = async (definition: string, input: unknown = {}) => finish(await start(await create(definition), input));

  it.each<readonly [string, unknown]>([
    ['$partition([1, 2, 3, 4, 5], 2)', [[1, 2], [3, 4], [5]]],
    ['$range(1, 9, 2)', [1, 3, 5, 7, 9]],
    ["$hash('Hello', 'MD5')", '8b1a9953c4611296a827abf8c47804d7'],
    ['$parse(\'{"a":[1]}\').a[0]', 1],
    ['$random(7) = $random(7)', true],
    ['$length($uuid())', 36],
    ['$exists($states.context.State.EnteredTime)', true],
    ['$states.context.State.RetryCount', 0],
    ["{'kept': 1, 'absent': $states.input.nothing}", { kept: 1 }],
  ])('evaluates %s', async (expression, value) => {
    expect((await run(give(expression))).output).toEqual(value);
  });

  it('fails with States.QueryEvaluationError when an expression gives nothing', async () => {
    const result = await run(give('$states.input.nothing'));

    expect(result).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError' });
    expect(result.cause).toContain("The JSONata expression '$states.input.nothing' specified for the field 'Output'");
    expect(result.types).toEqual(['ExecutionStarted', 'PassStateEntered', 'EvaluationFailed', 'ExecutionFailed']);
  });

  it('assigns from the values before the state, and follows the first rule that matches', async () => {
    const result = await run(
      machine({
        First: { Type: 'Pass', Assign: { x: 1, y: 10 }, Next: 'Swap' },
        Swap: { Type: 'Pass', Assign: { x: '{% $y %}', y: '{% $x %}' }, Next: 'Which' },
        Which: {
          Type: 'Choice',
          Choices: [
            { Condition: '{% $x = 1 %}', Next: 'Wrong' },
            { Condition: '{% $x = 10 %}', Assign: { way: 'second' }, Next: 'Right' },
          ],
          Default: 'Wrong',
        },
        Wrong: { Type: 'Fail' },
        Right: { Type: 'Succeed', Output: { x: '{% $x %}', y: '{% $y %}', way: '{% $way %}' } },
      }),
    );

    expect(result.visited).toEqual(['First', 'Swap', 'Which', 'Right']);
    expect(result.output).toEqual({ x: 10, y: 1, way: 'second' });
  });

  it('runs branches and iterations in scopes of their own, and keeps their order', async () => {
    const branch = (name: string, seconds: number): object => ({
      StartAt: `Wait ${name}`,
      States: {
        [`Wait ${name}`]: { Type: 'Wait', Seconds: seconds, Next: `Give ${name}` },
        [`Give ${name}`]: { Type: 'Pass', Assign: { own: name }, Output: `{% $outer & '${name}' %}`, End: true },
      },
    });
    const result = await run(
      machine({
        Set: { Type: 'Pass', Assign: { outer: 'o' }, Next: 'Both' },
        Both: { Type: 'Parallel', Branches: [branch('a', 2), branch('b', 1)], Next: 'Each' },
        Each: {
          Type: 'Map',
          ItemProcessor: {
            StartAt: 'Item',
            States: {
              Item: {
                Type: 'Pass',
                Output: '{% $uppercase($states.input.value) & $string($states.input.at) %}',
                End: true,
              },
            },
          },
          ItemSelector: {
            value: '{% $states.context.Map.Item.Value %}',
            at: '{% $states.context.Map.Item.Index %}',
          },
          MaxConcurrency: 1,
          End: true,
        },
      }),
    );

    expect(result.output).toEqual(['OA0', 'OB1']);
    expect(result.types.filter((type) => type?.startsWith('Map'))).toEqual([
      'MapStateEntered',
      'MapStateStarted',
      'MapIterationStarted',
      'MapIterationSucceeded',
      'MapIterationStarted',
      'MapIterationSucceeded',
      'MapStateSucceeded',
      'MapStateExited',
    ]);
  });

  it('catches the failure of a branch with its error output', async () => {
    const result = await run(
      machine({
        Both: {
          Type: 'Parallel',
          Branches: [
            { StartAt: 'Break', States: { Break: { Type: 'Fail', Error: 'E', Cause: '{% "c" & "d" %}' } } },
            { StartAt: 'Slow', States: { Slow: { Type: 'Wait', Seconds: 600, End: true } } },
          ],
          Catch: [
            { ErrorEquals: ['Other'], Next: 'Caught' },
            { ErrorEquals: ['States.ALL'], Output: '{% $states.errorOutput %}', Next: 'Caught' },
          ],
          End: true,
        },
        Caught: { Type: 'Succeed' },
      }),
    );

    expect(result).toMatchObject({ status: 'SUCCEEDED', output: { Error: 'E', Cause: 'cd' } });
    expect(result.types).toContain('ParallelStateFailed');
  });

  it('gives the running execution for the same name and input, and refuses any other use of the name', async () => {
    const arn = await create(machine({ Wait: { Type: 'Wait', Seconds: 5, End: true } }));

    const first = await start(arn, { a: 1 }, 'once');
    expect(await start(arn, { a: 1 }, 'once')).toBe(first);
    await expect(start(arn, { a: 2 }, 'once')).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
    await finish(first);
    await expect(start(arn, { a: 1 }, 'once')).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
  });

  it('stops an execution, and redrives it from the state it was in', async () => {
    const arn = await create(
      machine({ First: { Type: 'Pass', Next: 'Wait' }, Wait: { Type: 'Wait', Seconds: 3, End: true } }),
    );
    const execution = await start(arn, { a: 1 });

    await client.send(new StopExecutionCommand({ executionArn: execution, error: 'Halt', cause: 'enough' }));
    const stopped = await finish(execution);
    await client.send(new RedriveExecutionCommand({ executionArn: execution }));
    const redriven = await finish(execution);

    expect(stopped).toMatchObject({ status: 'ABORTED', error: 'Halt', cause: 'enough' });
    expect(redriven).toMatchObject({ status: 'SUCCEEDED', output: { a: 1 } });
    expect(redriven.types.filter((type) => type === 'PassStateEntered')).toHaveLength(1);
  });

  it('runs the definition that an execution started with', async () => {
    const arn = await create(machine({ Wait: { Type: 'Wait', Seconds: 3, End: true } }));
    const execution = await start(arn);

    const definition = machine({ Done: { Type: 'Succeed' } });
    const { revisionId } = await client.send(new UpdateStateMachineCommand({ stateMachineArn: arn, definition }));
    const described = await client.send(new DescribeStateMachineCommand({ stateMachineArn: arn }));

    expect(described).toMatchObject({ definition, revisionId, status: 'ACTIVE', type: 'STANDARD' });
    expect((await finish(execution)).visited).toEqual(['Wait']);
    const { executions } = await client.send(new ListExecutionsCommand({ stateMachineArn: arn }));
    expect(executions?.map(({ executionArn, status }) => ({ executionArn, status }))).toEqual([
      { executionArn: execution, status: 'SUCCEEDED' },
    ]);
  });

  it.each<readonly [string, Record<string, unknown>]>([
    ['a syntax error', { A: { Type: 'Pass', Output: '{% $states.input. %}', End: true } }],
    ['a field of JSONPath', { A: { Type: 'Pass', ResultPath: '$.x', End: true } }],
    ['a missing target', { A: { Type: 'Pass', Next: 'B' } }],
    ['a state that nothing leads to', { A: { Type: 'Succeed' }, B: { Type: 'Succeed' } }],
    ['an unknown type', { A: { Type: 'Task2', End: true } }],
    ['a state without an end', { A: { Type: 'Pass' } }],
    ['the result of a state that has none', { A: { Type: 'Pass', Output: '{% $states.result %}', End: true } }],
    [
      'States.ALL before another catcher',
      {
        A: {
          Type: 'Parallel',
          Branches: [{ StartAt: 'B', States: { B: { Type: 'Succeed' } } }],
          Catch: [
            { ErrorEquals: ['States.ALL'], Next: 'C' },
            { ErrorEquals: ['E'], Next: 'C' },
          ],
          Next: 'C',
        },
        C: { Type: 'Succeed' },
      },
    ],
  ])('refuses %s when the machine is created', async (_what, states) => {
    const definition = machine(states);

    await expect(create(definition)).rejects.toMatchObject({
      name: 'InvalidDefinition',
      message: expect.stringMatching(/^Invalid State Machine Definition: '[A-Z_]+: .* at \/States\//),
    });
    const { result, diagnostics } = await client.send(new ValidateStateMachineDefinitionCommand({ definition }));
    expect(result).toBe('FAIL');
    expect(diagnostics?.[0]).toMatchObject({ severity: 'ERROR', location: expect.stringMatching(/^\/States\//) });
  });

  it('refuses what does not exist by the names of its errors', async () => {
    const arn = await create(machine({ Done: { Type: 'Succeed' } }));
    const execution = `${arn.replace(':stateMachine:', ':execution:')}:missing`;

    await expect(start(`${arn}x`)).rejects.toMatchObject({ name: 'StateMachineDoesNotExist' });
    await expect(start('arn:x')).rejects.toMatchObject({ name: 'InvalidArn' });
    await expect(start(arn, {}, 'a b')).rejects.toMatchObject({ name: 'InvalidName' });
    await expect(client.send(new DescribeExecutionCommand({ executionArn: execution }))).rejects.toMatchObject({
      name: 'ExecutionDoesNotExist',
    });
    const answer = client.send(new SendTaskSuccessCommand({ taskToken: 'no token', output: '{}' }));
    await expect(answer).rejects.toMatchObject({ name: 'InvalidToken' });
  });
});
