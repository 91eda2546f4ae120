import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { createTrackingTokens } from '../../shared/adapters/dynamodb/tracking-tokens.ts';
import { TOKEN_PREFIX } from '../../shared/core/tracking-access/index.ts';
import { InvalidStateError, NotFoundError } from '../../shared/kernel/errors.ts';
import type { TrackingTokens } from '../../shared/ports/tracking-tokens.ts';
import { functionName } from '../aws/names.ts';
import type { StageAccess } from './open-stage.ts';

export interface OpenTrackingTokens extends TrackingTokens {
  close(): void;
}

/**
 * The tokens of a stage's tracking API, found by the settings of its authoriser.
 * @throws NotFoundError when the stage is not deployed.
 */
export const openTrackingTokens = async (stage: string, access: StageAccess): Promise<OpenTrackingTokens> => {
  const lambda = new LambdaClient({ ...access });
  const client = new DynamoDBClient({ ...access });
  const FunctionName = functionName(stage, 'authorize-tracking');
  const { Environment } = await lambda
    .send(new GetFunctionConfigurationCommand({ FunctionName }))
    .catch((error: unknown) => {
      if (!(error instanceof Error && error.name === 'ResourceNotFoundException')) throw error;
      throw new NotFoundError(`stage ${stage} is not deployed: there is no function ${FunctionName}`, { cause: error });
    })
    .finally(() => lambda.destroy());
  const table = Environment?.Variables?.TRACKING_TABLE;
  if (table === undefined) throw new InvalidStateError(`function ${FunctionName} does not name TRACKING_TABLE`);
  return { ...createTrackingTokens({ client, table, prefix: TOKEN_PREFIX }), close: () => client.destroy() };
};
