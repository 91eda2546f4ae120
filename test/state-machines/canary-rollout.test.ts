import { afterEach, describe, expect, it } from 'vitest';
import { readDefinition } from '../helpers/definition.ts';
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
};
const input = { model: 'flight-delay', version: 2, kind: 'model', principal: 'policy' };
const goesOn = { decision: 'continue', reason: 'nothing failed' };

const named = (name: string, message = 'it failed'): Error => Object.assign(new Error(message), { name });
const failing =
  (name: string): WorkflowFunction =>
  () => {
    throw named(name);
  };

const healthy: Readonly<Record<string, WorkflowFunction>> = {
  'begin-rollout': () => ({ outcome: 'begun', plan }),
  'publish-version': (_payload, callsBefore) =>
    callsBefore === 0 ? { published: false } : { published: true, lambdaVersion: '4' },
  'smoke-test': () => ({ output: 0.2 }),
  'shift-traffic': ({ weight }: { weight: number }) => ({ weight, shiftedAtMs: 1 }),
  'judge-canary': () => goesOn,
  'finish-rollout': ({ status }: { status: string }) => ({ status }),
};

let workflows: Workflows | undefined;
afterEach(() => workflows?.stop());

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
  return { ...(await workflows.run(readDefinition('canary-rollout'), input)), payloads };
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
const step = ['Shift traffic', 'Last step?', 'Bake', 'Judge canary', 'Harmful?'];

describe('canary-rollout', () => {
  it('steps the weight and promotes', async () => {
    const { status, visited, output, durationMs, payloads } = await run({});

    expect(visited).toEqual([
      ...published,
      'Smoke test',
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
    expect(payloads['finish-rollout']).toMatchObject([{ status: 'PROMOTED' }]);
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
    const begin: WorkflowFunction = (_payload, callsBefore) => {
      if (callsBefore < 20) throw named('ConflictError');
      return { outcome: 'begun', plan };
    };

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

  it('rolls back when the judge finds harm at the second step', async () => {
    const judge: WorkflowFunction = (_payload, callsBefore) =>
      callsBefore === 0 ? goesOn : { decision: 'roll back', reason: '40 of 40 failed' };

    const { visited, output, payloads } = await run({ 'judge-canary': judge });

    expect(visited).toEqual([
      ...published,
      'Smoke test',
      ...step,
      ...step,
      'Give traffic back',
      'Roll back',
      'Rolled back',
    ]);
    expect(output).toMatchObject({ outcome: 'rolled back', reason: '40 of 40 failed' });
    expect(payloads['finish-rollout']).toMatchObject([{ status: 'ROLLED_BACK', reason: '40 of 40 failed' }]);
  });

  it.each([
    ['publish-version', ['Begin rollout', 'Begun?', 'Publish version']],
    ['smoke-test', [...published, 'Smoke test']],
    ['judge-canary', [...published, 'Smoke test', ...step.slice(0, 4)]],
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
