import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { callingService } from '../../kernel/unavailable.ts';
import type { ExecutionStarter } from '../../ports/execution-starter.ts';

export const createStatesClient = (): SFNClient => new SFNClient({});

/** Step Functions takes a name once: a second start with the same name is the first one's echo. */
export const createExecutionStarter = (client: SFNClient): ExecutionStarter => ({
  start: async ({ stateMachineArn, name, input }) => {
    try {
      await callingService('Step Functions', () =>
        client.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) })),
      );
      return 'started';
    } catch (error) {
      if (error instanceof Error && error.name === 'ExecutionAlreadyExists') return 'exists';
      throw error;
    }
  },
});
