import { userInfo } from 'node:os';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { modelUploadName } from '../../shared/contracts/names.ts';
import { NotFoundError } from '../../shared/kernel/errors.ts';
import { functionName } from '../aws/names.ts';
import { openStage, type StageAccess } from './open-stage.ts';
import type { UploadStage } from './upload-model.ts';

const NEWEST_VERSIONS = 50;

const isNamed = (error: unknown, name: string): boolean => error instanceof Error && error.name === name;

/** The workflow's ARN: in the account and region of the stage's own functions. */
const workflowArn = async (lambda: LambdaClient, stage: string): Promise<string> => {
  const FunctionName = functionName(stage, 'check-upload');
  try {
    const { FunctionArn = '' } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    const [, partition, , region, account] = FunctionArn.split(':');
    return `arn:${partition}:states:${region}:${account}:stateMachine:${modelUploadName(stage)}`;
  } catch (error) {
    if (!isNamed(error, 'ResourceNotFoundException')) throw error;
    throw new NotFoundError(`stage ${stage} takes in no models: there is no function ${FunctionName}`, {
      cause: error,
    });
  }
};

const describe =
  (states: SFNClient, stateMachineArn: string): UploadStage['describe'] =>
  async (name) => {
    const executionArn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
    const { status, output, error, cause } = await states.send(new DescribeExecutionCommand({ executionArn }));
    if (status === 'SUCCEEDED') return { status, output: JSON.parse(output ?? '{}') };
    if (status === 'RUNNING' || status === 'PENDING_REDRIVE') return { status: 'RUNNING' };
    return { status: 'FAILED', failure: `${error ?? status}: ${messageOf(cause)}` };
  };

/** A function's failure comes as JSON. */
const messageOf = (cause = ''): string => {
  try {
    return (JSON.parse(cause) as { readonly errorMessage?: string }).errorMessage ?? cause;
  } catch {
    return cause;
  }
};

/**
 * Opens a deployed stage for uploads, with the operator's own credentials.
 * @throws NotFoundError when the stage is not deployed.
 */
export const openUploadStage = async (
  name: string,
  access: StageAccess,
): Promise<Omit<UploadStage, 'wait'> & { close(): void }> => {
  const stage = await openStage(name, access);
  const lambda = new LambdaClient({ ...access });
  const states = new SFNClient({ ...access });
  const stateMachineArn = await workflowArn(lambda, name);
  return {
    // Step Functions does not say who starts an execution: this is what the operator's machine says.
    principal: `operator:${userInfo().username}`,
    artifacts: stage.artifacts,
    start: async (execution, input) => {
      try {
        await states.send(
          new StartExecutionCommand({ stateMachineArn, name: execution, input: JSON.stringify(input) }),
        );
        return 'started';
      } catch (error) {
        if (isNamed(error, 'ExecutionAlreadyExists')) return 'exists';
        throw error;
      }
    },
    describe: describe(states, stateMachineArn),
    findVersion: async (model, runId) => {
      const { items } = await stage.registry.listVersions(model, NEWEST_VERSIONS);
      return items.find((version) => version.runId === runId)?.version;
    },
    close: () => {
      stage.close();
      for (const client of [lambda, states]) client.destroy();
    },
  };
};
