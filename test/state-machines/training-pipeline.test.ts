import { afterEach, describe, expect, it } from 'vitest';
import { failing } from '../helpers/failing-function.ts';
import { CALLED, DIGEST, openTrainingPipelines, PREPARATION } from '../helpers/training-pipeline.ts';
import type { WorkflowFunction } from '../helpers/workflow.ts';

const { run, stop, unvisited } = openTrainingPipelines(['built-in']);
afterEach(stop);

const ALARM = {
  kind: 'alarm',
  alarmName: 'a',
  alarmArn: 'arn:a',
  stateChangedAt: '2001-02-17T06:00:00.000Z',
  reason: 'PSI 0.3 > 0.2',
};
const RANG = { ...CALLED, cause: ALARM };

const CANDIDATE = ['Rang an alarm?', 'Train', 'Collect model', 'Which phase?', 'Evaluate model', 'Gate passed?'];
const REFIT = ['Train', 'Collect model', 'Which phase?', 'Profile model', 'Register model version', 'Decide approval'];

describe('the training pipeline', () => {
  it('trains a candidate, judges it, trains on everything and registers', async () => {
    const { result, calls } = await run({});

    expect(result.visited).toEqual([...PREPARATION, ...CANDIDATE, ...REFIT, 'End run', 'Run finished']);
    expect(result.status).toBe('SUCCEEDED');
    expect(result.output).toEqual({
      model: 'flight-delay',
      runId: 'call-1',
      passed: true,
      outcome: 'passed: loss 0.4',
    });
    const trained = calls.filter(({ name }) => name === 'train-model').map(({ payload }) => payload);
    expect(trained).toEqual([
      { model: 'flight-delay', runId: 'call-1', phase: 'candidate', rounds: null, fresh: false },
      { model: 'flight-delay', runId: 'call-1', phase: 'refit', rounds: 42, fresh: false },
    ]);
    expect(calls.find(({ name }) => name === 'register-model-version')?.payload).toEqual({
      model: 'flight-delay',
      runId: 'call-1',
      artifactPrefix: 'models/m/d/',
      modelDigest: DIGEST,
      manifestDigest: DIGEST,
      metrics: { holdoutLoss: 0.4 },
      trainedThroughMs: 77,
      snapshotId: DIGEST,
    });
    expect(calls.at(-1)?.payload).toEqual({
      action: 'finish',
      model: 'flight-delay',
      runId: 'call-1',
      outcome: 'passed: loss 0.4',
      version: 3,
      metrics: { holdoutLoss: 0.4 },
      snapshotId: DIGEST,
    });
  });

  it('ends well, with the numbers, when the gate refuses', async () => {
    const { result, calls } = await run({
      functions: { 'evaluate-model': () => ({ passed: false, outcome: 'refused: loss 0.9', metrics: {} }) },
    });

    expect(result.visited).toEqual([...PREPARATION, ...CANDIDATE, 'Refuse model', 'Run finished']);
    expect(result.status).toBe('SUCCEEDED');
    expect(calls.at(-1)?.payload).toMatchObject({
      action: 'refuse',
      outcome: 'refused: loss 0.9',
      cause: CALLED.cause,
    });
  });

  it('looks failed and says why when the data is refused, without trying again', async () => {
    const { result, calls } = await run({
      functions: { 'build-features': failing('InvalidRequestError', 'got 12 rows') },
    });

    expect(result.visited).toEqual([...PREPARATION, 'Fail run', 'Run failed']);
    expect(result.status).toBe('FAILED');
    expect(result.error).toBe('InvalidRequestError');
    expect(calls.filter(({ name }) => name === 'build-features')).toHaveLength(1);
    expect(calls.at(-1)?.payload).toMatchObject({ action: 'fail', error: 'InvalidRequestError' });
    expect(JSON.parse(String(calls.at(-1)?.payload.errorCause)).errorMessage).toBe('got 12 rows');
  });

  it('tries again what may pass by itself', async () => {
    const flaky: WorkflowFunction = (_payload, before) => {
      if (before < 2) throw Object.assign(new Error('throttled'), { name: 'UnavailableError' });
      return { version: 3 };
    };

    const { result, calls } = await run({ functions: { 'register-model-version': flaky } });

    expect(result.status).toBe('SUCCEEDED');
    expect(calls.filter(({ name }) => name === 'register-model-version')).toHaveLength(3);
  });

  it('gives up after six retries, and still looks failed when the failure cannot be recorded', async () => {
    const { result, calls } = await run({
      functions: {
        'snapshot-data': failing('UnavailableError', 'down'),
        'record-run': (payload: { action: string }) => {
          if (payload.action === 'fail') throw Object.assign(new Error('down'), { name: 'InvalidStateError' });
          return {};
        },
      },
    });

    expect(result.visited).toEqual([...PREPARATION.slice(0, 3), 'Fail run', 'Run failed']);
    expect(calls.filter(({ name }) => name === 'snapshot-data')).toHaveLength(7);
    expect(result).toMatchObject({ status: 'FAILED', error: 'UnavailableError' });
  });

  it('weighs what an alarm asks for, and trains what is worth it, with the reason on the run', async () => {
    const { result, calls } = await run({ input: RANG });

    expect(result.visited).toEqual([
      ...PREPARATION,
      'Rang an alarm?',
      'Estimate retraining',
      'Worth it?',
      ...CANDIDATE.slice(1),
      ...REFIT,
      'End run',
      'Run finished',
    ]);
    expect(calls.find(({ name }) => name === 'estimate-retraining')?.payload).toEqual({
      model: 'flight-delay',
      runId: 'call-1',
      cause: ALARM,
      asOfMs: expect.any(Number),
    });
    expect(calls.at(-1)?.payload).toMatchObject({ action: 'finish', outcome: 'passed: loss 0.4; it is worth it' });
  });

  it.each(['wait', 'person'])(
    'ends well without a version, with the reason, where the estimate says: %s',
    async (decision) => {
      const { result, calls } = await run({
        input: RANG,
        functions: { 'estimate-retraining': () => ({ decision, reason: 'saves 0.001 $', costUsd: 0.01 }) },
      });

      expect(result.visited).toEqual([
        ...PREPARATION,
        'Rang an alarm?',
        'Estimate retraining',
        'Worth it?',
        'Leave model',
        'Run finished',
      ]);
      expect(result.output).toEqual({
        model: 'flight-delay',
        runId: 'call-1',
        passed: false,
        outcome: 'saves 0.001 $',
      });
      expect(calls.at(-1)?.payload).toEqual({
        action: 'leave',
        model: 'flight-delay',
        runId: 'call-1',
        outcome: 'saves 0.001 $',
        costUsd: 0.01,
        snapshotId: DIGEST,
      });
    },
  );

  it.each([
    ['UnavailableError', 7],
    ['Runtime.ExitError', 2],
    ['AssertionError', 1],
  ] as const)('trains, and says so, when the estimate fails by %s', async (errorName, attempts) => {
    const { result, calls } = await run({ input: RANG, functions: { 'estimate-retraining': failing(errorName) } });

    expect(result.status).toBe('SUCCEEDED');
    expect(calls.filter(({ name }) => name === 'estimate-retraining')).toHaveLength(attempts);
    expect(calls.at(-1)?.payload.outcome).toBe(
      `passed: loss 0.4; it trained because its alarm rang, unweighed: the estimate failed by ${errorName}`,
    );
  });

  it('refuses to train another model', async () => {
    const { result, calls } = await run({ input: { ...CALLED, model: 'births' } });

    expect(result.visited).toEqual(['Own model?', 'Wrong model']);
    expect(result.status).toBe('FAILED');
    expect(calls).toEqual([]);
  });
});

/** Fails for the payloads with this action; `record-run` serves four states. */
const failingFor =
  (errorName: string, action: string | undefined): WorkflowFunction =>
  (payload: { readonly action?: string }, before) =>
    payload.action === action ? failing(errorName)(payload as never, before) : {};

const refused = { 'evaluate-model': (() => ({ passed: false, outcome: 'refused', metrics: {} })) as WorkflowFunction };
const unprepared = { 'build-features': failing('InvalidRequestError') };
const FAILED = ['Fail run', 'Run failed'];

interface Place {
  readonly state: string;
  readonly name: string;
  readonly action?: string;
  /** What brings the pipeline there. */
  readonly others?: Readonly<Record<string, WorkflowFunction>>;
  readonly input?: unknown;
  /** Visited before the state, and after it gave up. */
  readonly before: readonly string[];
  readonly after?: readonly string[];
}

const upTo = (states: readonly string[], name: string): readonly string[] => states.slice(0, states.indexOf(name));
const whole = [...PREPARATION, ...CANDIDATE, ...REFIT];

const PLACES: readonly Place[] = [
  { state: 'Start run', name: 'record-run', action: 'start', before: ['Own model?'] },
  { state: 'Snapshot data', name: 'snapshot-data', before: upTo(whole, 'Snapshot data') },
  { state: 'Build features', name: 'build-features', before: upTo(whole, 'Build features') },
  { state: 'Train', name: 'train-model', before: upTo(whole, 'Train') },
  { state: 'Collect model', name: 'collect-model', before: upTo(whole, 'Collect model') },
  { state: 'Evaluate model', name: 'evaluate-model', before: upTo(whole, 'Evaluate model') },
  { state: 'Profile model', name: 'profile-model', before: upTo(whole, 'Profile model') },
  { state: 'Register model version', name: 'register-model-version', before: upTo(whole, 'Register model version') },
  { state: 'Decide approval', name: 'decide-approval', before: upTo(whole, 'Decide approval') },
  { state: 'End run', name: 'record-run', action: 'finish', before: whole },
  {
    state: 'Refuse model',
    name: 'record-run',
    action: 'refuse',
    others: refused,
    before: [...PREPARATION, ...CANDIDATE],
  },
  {
    state: 'Leave model',
    name: 'record-run',
    action: 'leave',
    others: { 'estimate-retraining': () => ({ decision: 'wait', reason: 'not worth it', costUsd: 0 }) },
    input: RANG,
    before: [...PREPARATION, 'Rang an alarm?', 'Estimate retraining', 'Worth it?'],
  },
  {
    state: 'Fail run',
    name: 'record-run',
    action: 'fail',
    others: unprepared,
    before: PREPARATION,
    after: ['Run failed'],
  },
];

describe.each(PLACES)(
  'the training pipeline, when $state fails',
  ({ state, name, action, others, input, before, after }) => {
    it.each([
      ['UnavailableError', 7],
      ['Lambda.TooManyRequestsException', 7],
      ['Lambda.Unknown', 2],
      ['Runtime.ExitError', 2],
      ['AssertionError', 1],
    ] as const)('by %s ends after %i attempts, and looks failed', async (errorName, attempts) => {
      const functions = { ...others, [name]: failingFor(errorName, action) };

      const { result, calls } = await run({ functions, input });

      expect(result.visited).toEqual([...before, state, ...(after ?? FAILED)]);
      // What could not be recorded must not hide why the run failed.
      expect(result).toMatchObject({
        status: 'FAILED',
        error: state === 'Fail run' ? 'InvalidRequestError' : errorName,
      });
      expect(calls.filter((call) => call.name === name && call.payload.action === action)).toHaveLength(attempts);
    });
  },
);

it('the training pipeline was gone through by every choice, catcher and exhausted retrier', () => {
  expect(unvisited('built-in')).toEqual([]);
});
