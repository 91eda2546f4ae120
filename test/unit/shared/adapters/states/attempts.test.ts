import type { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import { createAttempts } from '../../../../../shared/adapters/states/attempts.ts';

const MACHINE = 'arn:aws:states:us-east-1:000000000000:stateMachine:batch';
const ARN = 'arn:aws:states:us-east-1:000000000000:execution:batch';

/** Executions by name; a start adds one, or is refused where the name is taken. */
const openStates = (statuses: Record<string, string>) => {
  const failure = (name: string) => Object.assign(new Error(name), { name });
  const send = async ({ input }: DescribeExecutionCommand | StartExecutionCommand) => {
    if ('executionArn' in input) {
      const status = statuses[String(input.executionArn).replace(`${ARN}:`, '')];
      if (status === undefined) throw failure('ExecutionDoesNotExist');
      return { status, ...(status === 'FAILED' ? { error: 'States.Timeout', cause: 'late' } : {}) };
    }
    const { name = '' } = input as { name?: string };
    if (statuses[name] !== undefined) throw failure('ExecutionAlreadyExists');
    statuses[name] = 'RUNNING';
    return {};
  };
  return createAttempts({ send } as unknown as SFNClient, MACHINE);
};

describe('attempts', () => {
  it('are read in their order, up to the first number that nobody began', async () => {
    const attempts = openStates({ 'k-1': 'FAILED', 'k-2': 'ABORTED', 'k-3': 'PENDING_REDRIVE', 'k-5': 'RUNNING' });

    expect(await attempts.read('k')).toEqual([
      { status: 'FAILED', error: 'States.Timeout', cause: 'late' },
      { status: 'ABORTED' },
      { status: 'RUNNING' },
    ]);
    expect(await attempts.read('other')).toEqual([]);
  });

  it('are begun once under each number', async () => {
    const attempts = openStates({});

    await attempts.start('k', 1, {});
    await attempts.start('k', 1, {});

    expect(await attempts.read('k')).toEqual([{ status: 'RUNNING' }]);
  });
});
