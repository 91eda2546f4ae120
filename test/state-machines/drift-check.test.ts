import { afterEach, describe, expect, it } from 'vitest';
import { readDefinition } from '../helpers/definition.ts';
import { startWorkflows, type WorkflowFunction, type Workflows } from '../helpers/workflow.ts';

const profiled = { outcome: 'profiled', version: 2, windowProfileKey: 'w', referenceProfileKey: 'r' };
const input = { model: 'flight-delay', scheduledAt: '2001-02-17T06:00:00Z' };

let workflows: Workflows | undefined;
afterEach(() => workflows?.stop());

const run = async (functions: Readonly<Record<string, WorkflowFunction>>) => {
  workflows = await startWorkflows({ functions });
  return workflows.run(readDefinition('drift-check'), input);
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

  it.each(['profile-window', 'detect-drift'])('fails when %s keeps failing', async (name) => {
    let calls = 0;
    const { status, error, visited } = await run({
      'profile-window': () => profiled,
      [name]: () => {
        calls += 1;
        throw Object.assign(new Error('S3 is not available'), { name: 'UnavailableError' });
      },
    });

    expect(visited.at(-1)).toBe('Check failed');
    expect({ status, error, calls }).toEqual({ status: 'FAILED', error: 'UnavailableError', calls: 7 });
  });
});
