import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { invoke, startWorkflows, type WorkflowFunction, type Workflows } from '../../../../helpers/workflow.ts';

/** One state machine of the given states. */
const machine = (states: Record<string, unknown>, fields: Record<string, unknown> = {}): unknown => ({
  QueryLanguage: 'JSONata',
  StartAt: Object.keys(states)[0],
  States: states,
  ...fields,
});

class NamedError extends Error {
  constructor(name: string, message = 'broken') {
    super(message);
    this.name = name;
  }
}

describe('states', () => {
  let workflows: Workflows;
  let functions: Record<string, WorkflowFunction>;
  beforeEach(async () => {
    functions = {};
    workflows = await startWorkflows({ functions });
  });
  afterEach(() => workflows.stop());

  it('passes the output of each state to the next and follows the first choice that matches', async () => {
    functions.double = ({ n }: { n: number }) => ({ n: n * 2 });

    const result = await workflows.run(
      machine({
        Double: invoke('double', { Next: 'Big?' }),
        'Big?': {
          Type: 'Choice',
          Choices: [
            { Condition: '{% $states.input.n > 100 %}', Next: 'Huge' },
            { Condition: '{% $states.input.n > 10 %}', Next: 'Big', Assign: { size: 'big' } },
          ],
          Default: 'Small',
        },
        Huge: { Type: 'Succeed' },
        Big: { Type: 'Pass', Output: { size: '{% $size %}', n: '{% $states.input.n %}' }, End: true },
        Small: { Type: 'Succeed' },
      }),
      { n: 10 },
    );

    expect(result.visited).toEqual(['Double', 'Big?', 'Big']);
    expect(result.output).toEqual({ size: 'big', n: 20 });
  });

  it('takes Default with its own Assign when no rule matches, and fails without one', async () => {
    const rules = [{ Condition: '{% false %}', Next: 'End', Assign: { path: 'rule' } }];
    const end = { Type: 'Pass', Output: '{% $path %}', End: true };

    const other = await workflows.run(
      machine({ Look: { Type: 'Choice', Choices: rules, Default: 'End', Assign: { path: 'default' } }, End: end }),
    );
    const none = await workflows.run(machine({ Look: { Type: 'Choice', Choices: rules }, End: end }));

    expect(other.output).toBe('default');
    expect(none).toMatchObject({ status: 'FAILED', error: 'States.NoChoiceMatched', visited: ['Look'] });
  });

  it('assigns all variables from the values before the state', async () => {
    const result = await workflows.run(
      machine({
        First: { Type: 'Pass', Assign: { a: 1, b: 2 }, Next: 'Swap' },
        Swap: { Type: 'Pass', Assign: { a: '{% $b %}', b: '{% $a %}' }, Output: '{% $a %}', Next: 'Show' },
        Show: { Type: 'Pass', Output: { a: '{% $a %}', b: '{% $b %}', before: '{% $states.input %}' }, End: true },
      }),
    );

    expect(result.output).toEqual({ a: 2, b: 1, before: 1 });
  });

  it('waits on the virtual clock, by seconds and until an instant', async () => {
    const result = await workflows.run(
      machine({
        Hour: { Type: 'Wait', Seconds: '{% $states.input.hours * 3600 %}', Next: 'Day' },
        Day: { Type: 'Wait', Timestamp: '2001-01-02T00:00:00Z', Output: '{% $now() %}', End: true },
      }),
      { hours: 1 },
    );

    expect(result.durationMs).toBe(86_400_000);
    expect(result.output).toBe('2001-01-02T00:00:00.000Z');
  });

  it('ends with the error and cause of a Fail state', async () => {
    const result = await workflows.run(
      machine({ Fail: { Type: 'Fail', Error: '{% $states.input.why %}', Cause: 'because' } }),
      { why: 'Refused' },
    );

    expect(result).toMatchObject({ status: 'FAILED', error: 'Refused', cause: 'because' });
    expect(result.history.map((event) => event.type)).toEqual([
      'ExecutionStarted',
      'FailStateEntered',
      'ExecutionFailed',
    ]);
  });

  describe('Retry and Catch', () => {
    it('backs off on the virtual clock until MaxAttempts, then catches with the error output', async () => {
      functions.flaky = () => {
        throw new NamedError('UnavailableError', 'not now');
      };
      const result = await workflows.run(
        machine({
          Call: invoke('flaky', {
            Retry: [
              {
                ErrorEquals: ['UnavailableError'],
                IntervalSeconds: 10,
                BackoffRate: 3,
                MaxAttempts: 3,
                MaxDelaySeconds: 60,
              },
            ],
            Catch: [
              { ErrorEquals: ['OtherError'], Next: 'Other' },
              {
                ErrorEquals: ['States.TaskFailed'],
                Next: 'Caught',
                Assign: { why: '{% $states.errorOutput.Error %}' },
              },
            ],
            Next: 'Other',
          }),
          Other: { Type: 'Succeed' },
          Caught: {
            Type: 'Pass',
            Output: { why: '{% $why %}', cause: '{% $parse($states.input.Cause).errorMessage %}' },
            End: true,
          },
        }),
      );

      expect(result.visited).toEqual(['Call', 'Caught']);
      expect(result.output).toEqual({ why: 'UnavailableError', cause: 'not now' });
      // 10 + 30 + 60, the last capped by MaxDelaySeconds.
      expect(result.durationMs).toBe(100_000);
      expect(result.history.filter((event) => event.type === 'TaskFailed')).toHaveLength(4);
    });

    it('counts the attempts of each retrier apart and shows RetryCount in the context', async () => {
      functions['two-faults'] = (_payload, before) => {
        if (before === 0) throw new NamedError('A');
        if (before === 1) throw new NamedError('B');
        return 'fine';
      };
      const result = await workflows.run(
        machine({
          Call: invoke('two-faults', {
            Retry: [
              { ErrorEquals: ['A'], MaxAttempts: 1 },
              { ErrorEquals: ['B'], MaxAttempts: 1 },
            ],
            Output: '{% $states.context.State.RetryCount %}',
            End: true,
          }),
        }),
      );

      expect(result).toMatchObject({ status: 'SUCCEEDED', output: 2, durationMs: 2_000 });
    });

    it('does not let wildcards catch States.DataLimitExceeded', async () => {
      functions.large = () => 'x'.repeat(300_000);

      const result = await workflows.run(
        machine({
          Call: invoke('large', { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }], End: true }),
          Caught: { Type: 'Succeed' },
        }),
      );

      expect(result).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded', visited: ['Call'] });
    });

    it('names a missing function and an expression that gives nothing', async () => {
      const missing = await workflows.run(machine({ Call: invoke('nowhere', { End: true }) }));
      const nothing = await workflows.run(
        machine({ Show: { Type: 'Pass', Output: { a: '{% $states.input.absent %}' }, End: true } }),
      );

      expect(missing.error).toBe('Lambda.ResourceNotFoundException');
      expect(nothing).toMatchObject({
        error: 'States.QueryEvaluationError',
        cause:
          "An error occurred while executing the state 'Show' (entered at the event id #2). The JSONata expression '$states.input.absent' specified for the field 'Output/a' returned nothing (undefined).",
      });
      expect(nothing.history.at(-2)).toMatchObject({
        type: 'EvaluationFailed',
        evaluationFailedEventDetails: { location: 'Output/a', state: 'Show' },
      });
    });
  });

  describe('Parallel', () => {
    it('gives the outputs in order, each branch with its own variables', async () => {
      const branch = (seconds: number, value: string) => ({
        StartAt: `Wait ${value}`,
        States: {
          [`Wait ${value}`]: { Type: 'Wait', Seconds: seconds, Assign: { [value]: true }, Next: `Give ${value}` },
          [`Give ${value}`]: { Type: 'Pass', Output: [value, '{% $outer %}'], End: true },
        },
      });

      const result = await workflows.run(
        machine({
          Set: { Type: 'Pass', Assign: { outer: 'o' }, Next: 'Both' },
          Both: { Type: 'Parallel', Branches: [branch(20, 'a'), branch(10, 'b')], End: true },
        }),
      );

      expect(result.output).toEqual([
        ['a', 'o'],
        ['b', 'o'],
      ]);
      expect(result.durationMs).toBe(20_000);
      expect(result.visited).toEqual(['Set', 'Both', 'Wait a', 'Wait b', 'Give b', 'Give a']);
    });

    it('ends the other branches when one fails, and its Catch sees the error of the branch', async () => {
      const result = await workflows.run(
        machine({
          Both: {
            Type: 'Parallel',
            Branches: [
              { StartAt: 'Long', States: { Long: { Type: 'Wait', Seconds: 1_000, End: true } } },
              {
                StartAt: 'Short',
                States: {
                  Short: { Type: 'Wait', Seconds: 5, Next: 'Break' },
                  Break: { Type: 'Fail', Error: 'Broken' },
                },
              },
            ],
            Catch: [{ ErrorEquals: ['Broken'], Next: 'Caught' }],
            End: true,
          },
          Caught: { Type: 'Succeed' },
        }),
      );

      expect(result).toMatchObject({ status: 'SUCCEEDED', durationMs: 5_000, output: { Error: 'Broken' } });
      expect(result.history.map((event) => event.type)).toContain('WaitStateAborted');
    });
  });

  describe('Map', () => {
    it('runs at most MaxConcurrency iterations at once and keeps the order', async () => {
      const result = await workflows.run(
        machine({
          Each: {
            Type: 'Map',
            Items: '{% $states.input.names %}',
            ItemSelector: {
              name: '{% $states.context.Map.Item.Value %}',
              index: '{% $states.context.Map.Item.Index %}',
            },
            MaxConcurrency: 2,
            ItemProcessor: {
              StartAt: 'Hold',
              States: {
                Hold: {
                  Type: 'Wait',
                  Seconds: 10,
                  Output: "{% $states.input.name & '-' & $string($states.input.index) %}",
                  End: true,
                },
              },
            },
            End: true,
          },
        }),
        { names: ['a', 'b', 'c', 'd', 'e'] },
      );

      expect(result.output).toEqual(['a-0', 'b-1', 'c-2', 'd-3', 'e-4']);
      expect(result.durationMs).toBe(30_000);
    });

    it('fails with the error of an iteration', async () => {
      functions.picky = (n: number) => {
        if (n === 2) throw new NamedError('TwoError');
        return n;
      };
      const result = await workflows.run(
        machine({
          Each: {
            Type: 'Map',
            Items: [1, 2, 3],
            MaxConcurrency: 1,
            ItemProcessor: { StartAt: 'Call', States: { Call: invoke('picky', { End: true }) } },
            End: true,
          },
        }),
      );

      expect(result).toMatchObject({ status: 'FAILED', error: 'TwoError', visited: ['Each', 'Call', 'Call'] });
    });
  });

  it('times a machine out', async () => {
    const result = await workflows.run(
      machine({ Long: { Type: 'Wait', Seconds: 100, End: true } }, { TimeoutSeconds: 30 }),
    );

    expect(result).toMatchObject({ status: 'TIMED_OUT', error: 'States.Timeout', durationMs: 30_000 });
    expect(result.history.at(-1)?.type).toBe('ExecutionTimedOut');
  });

  it('ends an execution that loops for ever at the limit of the history', async () => {
    const result = await workflows.run(
      machine({
        Again: { Type: 'Pass', Next: 'And again' },
        'And again': { Type: 'Pass', Next: 'Again' },
      }),
    );

    expect(result).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
    expect(result.history).toHaveLength(25_000);
  });
});
