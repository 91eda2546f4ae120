import { DescribeExecutionCommand, type SFNClient } from '@aws-sdk/client-sfn';
import { callingService } from '../../kernel/unavailable.ts';
import type { Executions } from '../../ports/executions.ts';
import { createExecutionStarter } from './execution-starter.ts';

const executionArnOf = (stateMachineArn: string, name: string): string =>
  `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;

export const createExecutions = (client: SFNClient, stateMachineArn: string): Executions => {
  const starter = createExecutionStarter(client);
  return {
    start: (name, input) => starter.start({ stateMachineArn, name, input }),
    isRunning: async (name) => {
      try {
        const executionArn = executionArnOf(stateMachineArn, name);
        const { status } = await callingService('Step Functions', () =>
          client.send(new DescribeExecutionCommand({ executionArn })),
        );
        return status === 'RUNNING' || status === 'PENDING_REDRIVE';
      } catch (error) {
        if (error instanceof Error && error.name === 'ExecutionDoesNotExist') return false;
        throw error;
      }
    },
  };
};
