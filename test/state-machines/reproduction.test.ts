import { afterEach, describe, expect, it } from 'vitest';
import { createBranchLedger } from '../helpers/branch-ledger.ts';
import { failing } from '../helpers/failing-function.ts';
import { synthesisedWorkflow } from '../helpers/synthesised-workflows.ts';
import { startWorkflows, type WorkflowFunction, type Workflows } from '../helpers/workflow.ts';

const INPUT = { model: 'flight-delay', version: 2 };
const DIGEST = 'd'.repeat(64);
const STATES = [
  'Own model?',
  'Prepare reproduction',
  'Build features',
  'Train',
  'Collect model',
  'Compare reproduction',
];

const definition = synthesisedWorkflow('reproduce-flight-delay');
const ledger = createBranchLedger(definition);

let workflows: Workflows | undefined;
afterEach(async () => {
  await workflows?.stop();
  workflows = undefined;
});

const run = async (changed: Readonly<Record<string, WorkflowFunction>> = {}, input: unknown = INPUT) => {
  const calls: { readonly name: string; readonly payload: Readonly<Record<string, unknown>> }[] = [];
  const answers: Readonly<Record<string, WorkflowFunction>> = {
    'prepare-reproduction': () => ({ asOfMs: 5, snapshotId: DIGEST, rounds: 42, differences: ['node'] }),
    'build-features': () => ({ trainedThroughMs: 1, job: { kind: 'built-in' }, cached: false }),
    'train-model': () => ({ prefix: 'runs/flight-delay/again/refit/model/', cached: false }),
    'collect-model': () => ({ modelDigest: DIGEST, rounds: 42 }),
    'compare-reproduction': () => ({ outcome: 'equal', files: {}, differences: ['node'] }),
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
  const machine = await workflows.create('reproduce', definition);
  const result = await workflows.finish(await workflows.start(machine, input, 'again'));
  ledger.note(result.history);
  return { result, calls };
};

describe('the reproduction', () => {
  it('makes the version again from its snapshot and rounds, past the step cache, and compares', async () => {
    const { result, calls } = await run();

    expect(result.visited).toEqual([...STATES, 'Compared']);
    expect(result.output).toEqual({
      ...INPUT,
      runId: 'again',
      outcome: 'equal',
      files: {},
      differences: ['node'],
    });
    const own = { model: 'flight-delay', runId: 'again' };
    expect(calls.map(({ payload }) => payload)).toEqual([
      { ...own, version: 2 },
      { ...own, asOfMs: 5, snapshotId: DIGEST, fresh: true },
      { ...own, phase: 'refit', rounds: 42, fresh: true },
      { ...own, phase: 'refit', prefix: 'runs/flight-delay/again/refit/model/' },
      { ...own, version: 2, differences: ['node'] },
    ]);
  });

  it('reproduces no other model', async () => {
    const { result, calls } = await run({}, { ...INPUT, model: 'births' });

    expect(result).toMatchObject({ status: 'FAILED', error: 'InvalidRequestError' });
    expect(result.visited).toEqual(['Own model?', 'Wrong model']);
    expect(calls).toEqual([]);
  });
});

describe.each(['prepare-reproduction', 'build-features', 'train-model', 'collect-model', 'compare-reproduction'])(
  'the reproduction, when %s fails',
  (name) => {
    it.each([
      ['UnavailableError', 7],
      ['Lambda.Unknown', 2],
      ['InvalidStateError', 1],
    ] as const)('by %s ends after %i attempts, and looks failed', async (errorName, attempts) => {
      const { result, calls } = await run({ [name]: failing(errorName) });

      expect(result).toMatchObject({ status: 'FAILED', error: errorName });
      expect(calls.filter((call) => call.name === name)).toHaveLength(attempts);
    });
  },
);

it('the reproduction was gone through by every choice, catcher and exhausted retrier', () => {
  expect(ledger.unvisited()).toEqual([]);
});
