import { afterEach, describe, expect, it } from 'vitest';
import { createBranchLedger } from '../helpers/branch-ledger.ts';
import { failing } from '../helpers/failing-function.ts';
import { synthesisedWorkflow } from '../helpers/synthesised-workflows.ts';
import { startWorkflows, type WorkflowFunction, type Workflows } from '../helpers/workflow.ts';

const profiled = { outcome: 'profiled', version: 2, windowProfileKey: 'w', referenceProfileKey: 'r' };
const input = { model: 'flight-delay', scheduledAt: '2001-02-17T06:00:00Z' };

const definition = synthesisedWorkflow('drift-check');
const ledger = createBranchLedger(definition);

let workflows: Workflows | undefined;
afterEach(async () => {
  await workflows?.stop();
  workflows = undefined;
});

const run = async (functions: Readonly<Record<string, WorkflowFunction>>) => {
  workflows = await startWorkflows({ functions });
  const result = await workflows.run(definition, input);
  ledger.note(result.history);
  return result;
};

describe('drift-check', () => {
  it('profiles the window and compares it', async () => {
    const seen: unknown[] = [];
    const { visited, status, output } = await run({
      'profile-window': (payload) => {
        seen.push(payload);
        return profiled;
      },
      'detect-drift': (payload) => {
        seen.push(payload);
        return { status: 'within-limit' };
      },
    });

    expect(visited).toEqual(['Profile window', 'Model in service?', 'Detect drift', 'Compared']);
    expect({ status, output }).toEqual({ status: 'SUCCEEDED', output: { status: 'within-limit' } });
    expect(seen).toEqual([
      input,
      { model: 'flight-delay', version: 2, windowProfileKey: 'w', referenceProfileKey: 'r' },
    ]);
  });

  it('says so when no model is in service', async () => {
    const { visited, output } = await run({ 'profile-window': () => ({ outcome: 'no model in service' }) });

    expect(visited).toEqual(['Profile window', 'Model in service?', 'Not compared']);
    expect(output).toEqual({ outcome: 'no model in service' });
  });

  const profiling = ['Profile window', 'Check failed'];
  const detecting = ['Profile window', 'Model in service?', 'Detect drift', 'Check failed'];
  it.each([
    ['profile-window', 'UnavailableError', 7, profiling],
    ['profile-window', 'Lambda.TooManyRequestsException', 6, profiling],
    ['profile-window', 'InvalidRequestError', 1, profiling],
    ['detect-drift', 'ConflictError', 7, detecting],
    ['detect-drift', 'Lambda.ServiceException', 6, detecting],
    ['detect-drift', 'AssertionError', 1, detecting],
  ] as const)('fails when %s keeps failing with %s, %i times', async (name, errorName, attempts, states) => {
    let calls = 0;
    const { status, error, visited } = await run({
      'profile-window': () => profiled,
      [name]: (payload, before) => {
        calls += 1;
        return failing(errorName)(payload, before);
      },
    });

    expect(visited).toEqual(states);
    expect({ status, error, calls }).toEqual({ status: 'FAILED', error: errorName, calls: attempts });
  });

  it('was gone through by every choice, catcher and exhausted retrier', () => {
    expect(ledger.unvisited()).toEqual([]);
  });
});
