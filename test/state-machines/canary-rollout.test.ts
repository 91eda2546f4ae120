import { afterEach, describe, expect, it } from 'vitest';
import { createBranchLedger } from '../helpers/branch-ledger.ts';
import { failing } from '../helpers/failing-function.ts';
import { synthesisedWorkflow } from '../helpers/synthesised-workflows.ts';
import { startWorkflows, type WorkflowFunction, type Workflows } from '../helpers/workflow.ts';

const plan = {
  model: 'flight-delay',
  version: 2,
  kind: 'model',
  rolloutId: 'r',
  functionName: 'infer',
  previousLambdaVersion: '3',
  modelDigest: 'm',
  manifestDigest: 'f',
  artifactPrefix: 'models/flight-delay/m/',
  steps: [0.1, 0.5, 1],
  bakeSeconds: 3_600,
  lookSeconds: 1_800,
};
const input = { model: 'flight-delay', version: 2, kind: 'model', principal: 'policy' };

/** Two looks at a step of an hour: nothing to decide at the first, and at the second what comes after a step. */
const looks: WorkflowFunction = ({ stepIndex }: { stepIndex: number }, callsBefore) =>
  callsBefore % 2 === 0
    ? { decision: 'wait', reason: 'too early', waitSeconds: 1_800, stepIndex }
    : {
        decision: stepIndex === 0 ? 'next step' : 'promote',
        reason: 'not worse',
        waitSeconds: 1,
        stepIndex: stepIndex + 1,
      };

const healthy: Readonly<Record<string, WorkflowFunction>> = {
  'begin-rollout': () => ({ outcome: 'begun', plan }),
  'publish-version': (_payload, callsBefore) =>
    callsBefore === 0 ? { published: false } : { published: true, lambdaVersion: '4' },
  'smoke-test': () => ({ output: 0.2 }),
  'replay-captured': () => ({ outcome: 'passed', reason: '' }),
  'shift-traffic': ({ weight }: { weight: number }) => ({ weight, shiftedAtMs: 1 }),
  'judge-canary': looks,
  'finish-rollout': ({ status }: { status: string }) => ({ status }),
};

const definition = synthesisedWorkflow('canary-rollout');
const ledger = createBranchLedger(definition);

let workflows: Workflows | undefined;
afterEach(async () => {
  await workflows?.stop();
  workflows = undefined;
});

const run = async (functions: Readonly<Record<string, WorkflowFunction>>) => {
  const payloads: Record<string, unknown[]> = {};
  const recording = Object.fromEntries(
    Object.entries({ ...healthy, ...functions }).map(([name, work]): [string, WorkflowFunction] => [
      name,
      (payload, callsBefore) => {
        payloads[name] = [...(payloads[name] ?? []), payload];
        return work(payload, callsBefore);
      },
    ]),
  );
  workflows = await startWorkflows({ functions: recording });
  const result = await workflows.run(definition, input);
  ledger.note(result.history);
  return { ...result, payloads };
};

const published = [
  'Begin rollout',
  'Begun?',
  'Publish version',
  'Published?',
  'Wait for the function',
  'Publish version',
  'Published?',
];
const gates = ['Smoke test', 'Replay captured inputs', 'Replay refused?'];
const look = ['Wait for the next look', 'Judge canary', 'Decided?'];
const shift = ['Shift traffic', 'Last step?'];
const step = [...shift, ...look, ...look];

describe('canary-rollout', () => {
  it('steps the weight and promotes', async () => {
    const { status, visited, output, durationMs, payloads } = await run({});

    expect(visited).toEqual([
      ...published,
      ...gates,
      ...step,
      ...step,
      'Shift traffic',
      'Last step?',
      'Promote',
      'Promoted',
    ]);
    expect(status).toBe('SUCCEEDED');
    expect(output).toEqual({ outcome: 'promoted', model: 'flight-delay', version: 2, lambdaVersion: '4' });
    expect(payloads['shift-traffic']).toMatchObject([{ weight: 0.1 }, { weight: 0.5 }, { weight: 1 }]);
    expect(payloads['finish-rollout']).toMatchObject([{ status: 'PROMOTED', reason: 'not worse' }]);
    expect(payloads['judge-canary']).toMatchObject([
      { lookIndex: 0, stepIndex: 0, steps: plan.steps, bakeSeconds: 3_600, stepStartedAtMs: 1 },
      { lookIndex: 1, stepIndex: 0 },
      { lookIndex: 2, stepIndex: 1 },
      { lookIndex: 3, stepIndex: 1 },
    ]);
    expect(durationMs).toBeGreaterThanOrEqual(2 * 3_600_000);
  });

  it('does nothing for an approval that is delivered again', async () => {
    const { visited, status } = await run({
      'begin-rollout': () => ({ outcome: 'duplicate', reason: 'rolled out before' }),
    });

    expect(visited).toEqual(['Begin rollout', 'Begun?', 'Nothing to do']);
    expect(status).toBe('SUCCEEDED');
  });

  it('waits its turn while another rollout runs', async () => {
    const begin: WorkflowFunction = (payload, callsBefore) =>
      callsBefore < 20 ? failing('ConflictError')(payload, callsBefore) : { outcome: 'begun', plan };

    const { output, durationMs } = await run({ 'begin-rollout': begin });

    expect(output).toMatchObject({ outcome: 'promoted' });
    expect(durationMs).toBeGreaterThan(3 * 3_600_000);
  });

  it('rolls back a version that fails its smoke test, before any traffic', async () => {
    const { visited, status, output, payloads } = await run({ 'smoke-test': failing('SmokeTestFailedError') });

    expect(visited).toEqual([...published, 'Smoke test', 'Give traffic back', 'Roll back', 'Rolled back']);
    expect(status).toBe('SUCCEEDED');
    expect(output).toMatchObject({ outcome: 'rolled back', reason: 'it failed' });
    expect(payloads['shift-traffic']).toMatchObject([{ weight: 0 }]);
  });

  it('rolls back a version whose answers to captured inputs are refused, before any traffic', async () => {
    const refused: WorkflowFunction = () => ({ outcome: 'refused', reason: 'it fails on 3 of 9' });

    const { visited, status, output, payloads } = await run({ 'replay-captured': refused });

    expect(visited).toEqual([...published, ...gates, 'Give traffic back', 'Roll back', 'Rolled back']);
    expect(status).toBe('SUCCEEDED');
    expect(output).toMatchObject({ outcome: 'rolled back', reason: 'it fails on 3 of 9' });
    expect(payloads['replay-captured']).toEqual([{ model: 'flight-delay', version: 2, kind: 'model', rolloutId: 'r' }]);
    expect(payloads['shift-traffic']).toMatchObject([{ weight: 0 }]);
  });

  it('rolls back when the judge finds harm at the second step', async () => {
    const judge: WorkflowFunction = (payload, callsBefore) =>
      callsBefore < 2
        ? looks(payload, callsBefore)
        : { decision: 'roll back', reason: '40 of 40 failed', waitSeconds: 1, stepIndex: 1 };

    const { visited, output, payloads } = await run({ 'judge-canary': judge });

    expect(visited).toEqual([
      ...published,
      ...gates,
      ...step,
      ...shift,
      ...look,
      'Give traffic back',
      'Roll back',
      'Rolled back',
    ]);
    expect(output).toMatchObject({ outcome: 'rolled back', reason: '40 of 40 failed' });
    expect(payloads['finish-rollout']).toMatchObject([{ status: 'ROLLED_BACK', reason: '40 of 40 failed' }]);
  });

  it('goes to the whole traffic at once when a person says so, whatever steps were left', async () => {
    const { visited, payloads } = await run({
      'judge-canary': () => ({ decision: 'promote', reason: 'ann: seen enough', waitSeconds: 1, stepIndex: 2 }),
    });

    expect(visited.slice(-9)).toEqual([...shift, ...look, ...shift, 'Promote', 'Promoted']);
    expect(payloads['shift-traffic']).toMatchObject([{ weight: 0.1 }, { weight: 1 }]);
    expect(payloads['finish-rollout']).toMatchObject([{ status: 'PROMOTED', reason: 'ann: seen enough' }]);
  });

  it('is held as long as the judge says, each look as far from the last as it is told', async () => {
    const held: WorkflowFunction = (payload, callsBefore) =>
      callsBefore === 2
        ? { decision: 'hold', reason: 'held for a person', waitSeconds: 86_400, stepIndex: 1 }
        : looks(payload, callsBefore);

    const { durationMs, status } = await run({ 'judge-canary': held });

    expect(durationMs).toBeGreaterThan(86_400_000);
    expect(status).toBe('SUCCEEDED');
  });

  it('promotes a version that gets everything from its first step without asking a judge', async () => {
    const { visited, payloads } = await run({
      'begin-rollout': () => ({ outcome: 'begun', plan: { ...plan, steps: [1] } }),
    });

    expect(visited.slice(-4)).toEqual([...shift, 'Promote', 'Promoted']);
    expect(payloads['finish-rollout']).toMatchObject([{ status: 'PROMOTED', reason: 'every step held' }]);
  });

  it.each([
    ['publish-version', ['Begin rollout', 'Begun?', 'Publish version']],
    ['smoke-test', [...published, 'Smoke test']],
    ['replay-captured', [...published, ...gates.slice(0, 2)]],
    ['judge-canary', [...published, ...gates, ...shift, 'Wait for the next look', 'Judge canary']],
  ])('gives the traffic back and fails when %s fails', async (name, visitedBefore) => {
    const { visited, status, error, payloads } = await run({ [name]: failing('AssertionError') });

    expect(visited).toEqual([...visitedBefore, 'Restore traffic', 'End failed rollout', 'Rollout failed']);
    expect(status).toBe('FAILED');
    expect(error).toBe('AssertionError');
    expect(payloads['shift-traffic']?.at(-1)).toMatchObject({ weight: 0 });
    expect(payloads['finish-rollout']).toMatchObject([{ status: 'FAILED' }]);
  });

  it('fails, and says so, when the function never settles', async () => {
    const { visited, status, error } = await run({ 'publish-version': () => ({ published: false }) });

    expect(visited.slice(-5)).toEqual([
      'Published?',
      'Never published',
      'Restore traffic',
      'End failed rollout',
      'Rollout failed',
    ]);
    expect(visited.filter((name) => name === 'Publish version')).toHaveLength(60);
    expect({ status, error }).toEqual({ status: 'FAILED', error: 'PublishTimeout' });
  });

  it('fails after its retries when a conflict does not pass', async () => {
    const { visited, status, error, payloads } = await run({ 'shift-traffic': failing('ConflictError') });

    expect(visited.slice(-3)).toEqual(['Shift traffic', 'Restore traffic', 'Rollout failed']);
    expect({ status, error }).toEqual({ status: 'FAILED', error: 'ConflictError' });
    expect(payloads['shift-traffic']).toHaveLength(14);
  });
});

/** Fails for those payloads; otherwise the function works. */
const failingFor = (name: string, errorName: string, concerns: (payload: never) => boolean): WorkflowFunction => {
  const work = healthy[name] as WorkflowFunction;
  return (payload, before) => (concerns(payload) ? failing(errorName)(payload, before) : work(payload, before));
};

type Status = 'PROMOTED' | 'ROLLED_BACK' | 'FAILED';
const always = (): boolean => true;
const givingBack = ({ weight }: { weight: number }): boolean => weight === 0;
const shifting = ({ weight }: { weight: number }): boolean => weight > 0;
const finishing =
  (wanted: Status) =>
  ({ status }: { status: Status }): boolean =>
    status === wanted;

const begun = ['Begin rollout', 'Begun?'];
const tested = [...published, ...gates];
const judged = [...tested, ...shift, 'Wait for the next look', 'Judge canary'];
const harmful = {
  'judge-canary': (() => ({ decision: 'roll back', reason: 'harm', waitSeconds: 1, stepIndex: 0 })) as WorkflowFunction,
};
const unpublished = { 'publish-version': failing('AssertionError') };
const restored = ['Restore traffic', 'End failed rollout', 'Rollout failed'];
const last = ['Rollout failed'];

interface Place {
  readonly state: string;
  readonly name: string;
  readonly concerns: (payload: never) => boolean;
  /** What brings the rollout there. */
  readonly others?: Readonly<Record<string, WorkflowFunction>>;
  /** Visited before the state, and after it gave up. */
  readonly before: readonly string[];
  readonly after: readonly string[];
}

const PLACES: readonly Place[] = [
  { state: 'Begin rollout', name: 'begin-rollout', concerns: always, before: [], after: last },
  { state: 'Publish version', name: 'publish-version', concerns: always, before: begun, after: restored },
  { state: 'Smoke test', name: 'smoke-test', concerns: always, before: published, after: restored },
  {
    state: 'Replay captured inputs',
    name: 'replay-captured',
    concerns: always,
    before: [...published, 'Smoke test'],
    after: restored,
  },
  { state: 'Shift traffic', name: 'shift-traffic', concerns: shifting, before: tested, after: restored },
  { state: 'Judge canary', name: 'judge-canary', concerns: always, before: judged.slice(0, -1), after: restored },
  {
    state: 'Give traffic back',
    name: 'shift-traffic',
    concerns: givingBack,
    others: harmful,
    before: [...judged, 'Decided?'],
    after: last,
  },
  {
    state: 'Roll back',
    name: 'finish-rollout',
    concerns: finishing('ROLLED_BACK'),
    others: harmful,
    before: [...judged, 'Decided?', 'Give traffic back'],
    after: last,
  },
  {
    state: 'Promote',
    name: 'finish-rollout',
    concerns: finishing('PROMOTED'),
    before: [...tested, ...step, ...step, 'Shift traffic', 'Last step?'],
    after: last,
  },
  {
    state: 'Restore traffic',
    name: 'shift-traffic',
    concerns: givingBack,
    others: unpublished,
    before: [...begun, 'Publish version'],
    after: last,
  },
  {
    state: 'End failed rollout',
    name: 'finish-rollout',
    concerns: finishing('FAILED'),
    others: unpublished,
    before: [...begun, 'Publish version', 'Restore traffic'],
    after: last,
  },
];

describe.each(PLACES)('canary-rollout, when $state fails', ({ state, name, concerns, others, before, after }) => {
  it.each([
    ['ConflictError', state === 'Begin rollout' ? 201 : 7],
    ['UnavailableError', 7],
    ['Lambda.TooManyRequestsException', 6],
    ['AssertionError', 1],
  ] as const)('by %s ends after %i attempts, and looks failed', async (errorName, attempts) => {
    const { visited, status, error, payloads } = await run({
      ...others,
      [name]: failingFor(name, errorName, concerns),
    });

    expect(visited).toEqual([...before, state, ...after]);
    expect({ status, error }).toEqual({ status: 'FAILED', error: errorName });
    expect(payloads[name]?.filter((payload) => concerns(payload as never))).toHaveLength(attempts);
  });
});

it('canary-rollout was gone through by every choice, catcher and exhausted retrier', () => {
  expect(ledger.unvisited()).toEqual([]);
});
