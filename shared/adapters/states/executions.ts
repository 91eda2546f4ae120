import { DescribeExecutionCommand, type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { Executions } from '../../ports/executions.ts';

const executionArnOf = (stateMachineArn: string, name: string): string =>
  `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;

const isNamed = (error: unknown, name: string): boolean => (error as { name?: string } | null)?.name === name;

/** Executions of one state machine. A name that ran before, with the same input or another, is not started again. */
export const createExecutions = (client: SFNClient, stateMachineArn: string): Executions => ({
  async start(name, input) {
    const executionArn = executionArnOf(stateMachineArn, name);
    try {
      const command = new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) });
      await client.send(command);
      return { started: true, executionArn };
    } catch (error) {
      if (isNamed(error, 'ExecutionAlreadyExists')) return { started: false, executionArn };
      throw error;
    }
  },

  async isRunning(name) {
    try {
      const execution = await client.send(
        new DescribeExecutionCommand({ executionArn: executionArnOf(stateMachineArn, name) }),
      );
      return execution.status === 'RUNNING' || execution.status === 'PENDING_REDRIVE';
    } catch (error) {
      if (isNamed(error, 'ExecutionDoesNotExist')) return false;
      throw error;
    }
  },
});
