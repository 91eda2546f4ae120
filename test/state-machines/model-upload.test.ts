import { afterEach, describe, expect, it } from 'vitest';
import { createBranchLedger } from '../helpers/branch-ledger.ts';
import { failing } from '../helpers/failing-function.ts';
import { synthesisedWorkflow } from '../helpers/synthesised-workflows.ts';
import { startWorkflows, type WorkflowFunction, type Workflows } from '../helpers/workflow.ts';

const UPLOAD = 'a'.repeat(32);
const CAUSE = { kind: 'upload', principal: 'operator:ann', uploadId: UPLOAD };
const INPUT = { model: 'flight-delay', uploadId: UPLOAD, cause: CAUSE };
const DIGEST = 'd'.repeat(64);
const NOTES = { description: 'theirs', tags: { team: 'a' } };
const JUDGED = [
  'Begin',
  'Start run',
  'Check upload',
  'Snapshot data',
  'Build features',
  'Evaluate model',
  'Gate passed?',
];
const REGISTERED = ['Profile model', 'Register model version', 'Decide approval', 'End run'];

const definition = synthesisedWorkflow('model-upload');
const ledger = createBranchLedger(definition);

let workflows: Workflows | undefined;
afterEach(async () => {
  await workflows?.stop();
  workflows = undefined;
});

const run = async (changed: Readonly<Record<string, WorkflowFunction>> = {}, input: object = INPUT) => {
  const calls: { readonly name: string; readonly payload: Readonly<Record<string, unknown>> }[] = [];
  const answers: Readonly<Record<string, WorkflowFunction>> = {
    'record-run': () => ({ runId: 'x' }),
    'check-upload': () => ({ sizeBytes: 9, notes: NOTES }),
    'snapshot-data': () => ({ snapshotId: DIGEST, objectCount: 3, sizeBytes: 9 }),
    'build-features': () => ({ trainedThroughMs: 77, job: { kind: 'built-in' } }),
    'evaluate-model': () => ({ passed: true, outcome: 'passed: loss 0.4', metrics: { holdoutLoss: 0.4 } }),
    'profile-model': () => ({ artifactPrefix: 'models/m/d/', modelDigest: DIGEST, manifestDigest: DIGEST }),
    'register-model-version': () => ({ version: 3 }),
    'decide-approval': () => ({ step: 'ask' }),
    ...changed,
  };
  const functions = Object.fromEntries(
    Object.entries(answers).map(([name, answer]) => [
      name,
      (payload: never, before: number) => {
        calls.push({ name, payload });
        return answer(payload, before);
      },
    ]),
  );
  workflows = await startWorkflows({ functions });
  const machine = await workflows.create('upload', definition);
  const result = await workflows.finish(await workflows.start(machine, input, `upload-${UPLOAD}`));
  ledger.note(result.history);
  return { result, calls };
};

describe('the upload of a model', () => {
  it('checks it, judges it like a candidate, and registers it in the name of who brought it', async () => {
    const { result, calls } = await run();

    const own = { model: 'flight-delay', runId: `upload-${UPLOAD}` };
    expect(result.visited).toEqual([...JUDGED, ...REGISTERED, 'Run finished']);
    expect(result.output).toEqual({ ...own, passed: true, outcome: 'passed: loss 0.4' });
    const payloadOf = (name: string) => calls.find((call) => call.name === name)?.payload;
    expect(payloadOf('record-run')).toMatchObject({ action: 'start', cause: CAUSE });
    expect(payloadOf('check-upload')).toEqual({ ...own, uploadId: UPLOAD, client: null });
    const registered = { submittedBy: 'operator:ann', snapshotId: DIGEST, client: null, notes: NOTES };
    expect(payloadOf('register-model-version')).toMatchObject(registered);
  });

  it('has a client’s version checked and packaged under the number that it has', async () => {
    const cause = { kind: 'client-version', principal: 'ann', version: 4, registeredAtMs: 5 };
    const { calls } = await run({ 'check-upload': () => ({ sizeBytes: 9, notes: null }) }, { ...INPUT, cause });

    const client = { version: 4, registeredAtMs: 5 };
    const payloadOf = (name: string) => calls.find((call) => call.name === name)?.payload;
    expect(payloadOf('check-upload')).toMatchObject({ client });
    expect(payloadOf('register-model-version')).toMatchObject({ client, notes: null, submittedBy: 'ann' });
  });

  it('ends well, with the numbers, when the gate refuses', async () => {
    const { result } = await run({
      'evaluate-model': () => ({ passed: false, outcome: 'loss 0.9 > 0.4', metrics: {} }),
    });

    expect(result.visited).toEqual([...JUDGED, 'Refuse model', 'Run finished']);
    expect(result.output).toMatchObject({ passed: false, outcome: 'loss 0.9 > 0.4' });
  });

  it('looks failed with the reasons when the model cannot be served, before any data is read', async () => {
    const { result } = await run({ 'check-upload': failing('InvalidRequestError', 'store tensors inside') });

    expect(result.visited).toEqual(['Begin', 'Start run', 'Check upload', 'Fail run', 'Run failed']);
    expect(result).toMatchObject({ status: 'FAILED', error: 'InvalidRequestError' });
  });
});

/** Fails for the payloads with this action; `record-run` serves four states. */
const failingFor =
  (errorName: string, action: string | undefined): WorkflowFunction =>
  (payload: { readonly action?: string }, before) =>
    payload.action === action ? failing(errorName)(payload as never, before) : {};

const refused = { 'evaluate-model': (() => ({ passed: false, outcome: 'refused', metrics: {} })) as WorkflowFunction };
const unchecked = { 'check-upload': failing('InvalidRequestError') };

describe.each([
  { state: 'Start run', name: 'record-run', action: 'start' },
  { state: 'Check upload', name: 'check-upload' },
  { state: 'Snapshot data', name: 'snapshot-data' },
  { state: 'Build features', name: 'build-features' },
  { state: 'Evaluate model', name: 'evaluate-model' },
  { state: 'Profile model', name: 'profile-model' },
  { state: 'Register model version', name: 'register-model-version' },
  { state: 'Decide approval', name: 'decide-approval' },
  { state: 'End run', name: 'record-run', action: 'finish' },
  { state: 'Refuse model', name: 'record-run', action: 'refuse', others: refused },
  { state: 'Fail run', name: 'record-run', action: 'fail', others: unchecked },
])('the upload of a model, when $state fails', ({ state, name, action, others }) => {
  it.each([
    ['UnavailableError', 7],
    ['Lambda.Unknown', 2],
    ['AssertionError', 1],
  ] as const)('by %s ends after %i attempts, and looks failed', async (errorName, attempts) => {
    const { result, calls } = await run({ ...others, [name]: failingFor(errorName, action) });

    expect(result.visited.at(-1)).toBe('Run failed');
    expect(result).toMatchObject({ status: 'FAILED', error: state === 'Fail run' ? 'InvalidRequestError' : errorName });
    expect(calls.filter((call) => call.name === name && call.payload.action === action)).toHaveLength(attempts);
  });
});

it('the upload of a model was gone through by every choice, catcher and exhausted retrier', () => {
  expect(ledger.unvisited()).toEqual([]);
});
