import { DescribeExecutionCommand, type DescribeExecutionCommandOutput, type SFNClient } from '@aws-sdk/client-sfn';
import type { Attempt } from '../../core/batch-scoring/index.ts';
import { callingService } from '../../kernel/unavailable.ts';
import type { Attempts } from '../../ports/attempts.ts';
import { createExecutionStarter } from './execution-starter.ts';

/** More are never begun; a look ends there in any case. */
const MOST_LOOKS = 100;

const attemptOf = ({ status, error, cause }: DescribeExecutionCommandOutput): Attempt => ({
  status: status === undefined || status === 'PENDING_REDRIVE' ? 'RUNNING' : status,
  ...(error === undefined ? {} : { error }),
  ...(cause === undefined ? {} : { cause }),
});

export const createAttempts = (client: SFNClient, stateMachineArn: string): Attempts => {
  const starter = createExecutionStarter(client);
  const nameOf = (key: string, number: number): string => `${key}-${number}`;

  const describe = async (name: string): Promise<Attempt | undefined> => {
    const executionArn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
    try {
      return attemptOf(
        await callingService('Step Functions', () => client.send(new DescribeExecutionCommand({ executionArn }))),
      );
    } catch (error) {
      if (error instanceof Error && error.name === 'ExecutionDoesNotExist') return undefined;
      throw error;
    }
  };

  return {
    read: async (key) => {
      const attempts: Attempt[] = [];
      while (attempts.length < MOST_LOOKS) {
        const attempt = await describe(nameOf(key, attempts.length + 1));
        if (attempt === undefined) break;
        attempts.push(attempt);
      }
      return attempts;
    },
    start: async (key, number, input) => {
      await starter.start({ stateMachineArn, name: nameOf(key, number), input });
    },
  };
};
