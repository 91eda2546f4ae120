import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetFunctionConfigurationCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  type SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { reproductionName } from '../../shared/contracts/names.ts';
import type { Reproduction } from '../../shared/core/reproduction/index.ts';
import { InvalidStateError, NotFoundError } from '../../shared/kernel/errors.ts';
import { functionName } from '../aws/names.ts';

export interface ReproductionClients {
  readonly lambda: LambdaClient;
  readonly states: SFNClient;
}

const POLL_MS = 500;

/** The ARN of a model's reproduction machine: in the account and region of the stage's own functions. */
const machineArn = async (lambda: LambdaClient, stage: string, model: string): Promise<string> => {
  const FunctionName = functionName(stage, 'prepare-reproduction');
  try {
    const { FunctionArn = '' } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    const [, partition, , region, account] = FunctionArn.split(':');
    return `arn:${partition}:states:${region}:${account}:stateMachine:${reproductionName(stage, model)}`;
  } catch (error) {
    if (!(error instanceof Error && error.name === 'ResourceNotFoundException')) throw error;
    throw new NotFoundError(`stage ${stage} is not deployed: there is no function ${FunctionName}`, { cause: error });
  }
};

const start = async (states: SFNClient, stateMachineArn: string, model: string, version: number): Promise<string> => {
  const name = `version-${version}-${randomBytes(6).toString('hex')}`;
  try {
    const input = JSON.stringify({ model, version });
    const { executionArn = '' } = await states.send(new StartExecutionCommand({ stateMachineArn, name, input }));
    return executionArn;
  } catch (error) {
    if (!(error instanceof Error && error.name === 'StateMachineDoesNotExist')) throw error;
    throw new NotFoundError(`model ${model} is not deployed: there is no ${stateMachineArn}`, { cause: error });
  }
};

/**
 * Makes a version again from its bill of materials, in the stage that made it, and gives the verdict.
 * @param onState told each state as it is entered.
 * @throws InvalidStateError with the machine's own error when the version cannot be made again.
 */
export const reproduceVersion = async (
  { lambda, states }: ReproductionClients,
  { stage, model, version }: { readonly stage: string; readonly model: string; readonly version: number },
  onState: (state: string) => void,
): Promise<Reproduction & { readonly runId: string }> => {
  const executionArn = await start(states, await machineArn(lambda, stage, model), model, version);
  let lastEventId = 0;
  for (;;) {
    const { events = [] } = await states.send(
      new GetExecutionHistoryCommand({ executionArn, maxResults: 1_000, includeExecutionData: false }),
    );
    for (const { id = 0, stateEnteredEventDetails } of events) {
      if (id > lastEventId && stateEnteredEventDetails?.name) onState(stateEnteredEventDetails.name);
      lastEventId = Math.max(lastEventId, id);
    }
    const { status, output, error, cause } = await states.send(new DescribeExecutionCommand({ executionArn }));
    if (status === 'SUCCEEDED') return JSON.parse(output ?? '{}') as Reproduction & { readonly runId: string };
    if (status !== 'RUNNING') {
      throw new InvalidStateError(
        `${model}@${version} cannot be reproduced: ${error ?? status}: ${messageOf(cause ?? '')}`,
      );
    }
    await sleep(POLL_MS);
  }
};

/** A function's failure is JSON with its message. */
const messageOf = (cause: string): string => {
  try {
    const { errorMessage } = JSON.parse(cause) as { readonly errorMessage?: string };
    return errorMessage ?? cause;
  } catch {
    return cause;
  }
};
