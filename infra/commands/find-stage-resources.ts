import { GetFunctionConfigurationCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { InvalidStateError, NotFoundError } from '../../shared/kernel/errors.ts';
import { functionName } from '../aws/names.ts';

/** What a stage keeps its work in; CloudFormation made up the names. */
export interface StageResources {
  readonly artifactBucket: string;
  readonly registryTable: string;
  readonly lineageTable: string;
}

/**
 * Finds them by the settings of one of the stage's own functions, whose names are fixed.
 * @throws NotFoundError when the stage is not deployed.
 */
export const findStageResources = async (lambda: LambdaClient, stage: string): Promise<StageResources> => {
  const FunctionName = functionName(stage, 'register-model-version');
  const { Environment } = await lambda
    .send(new GetFunctionConfigurationCommand({ FunctionName }))
    .catch((error: unknown) => {
      if (!(error instanceof Error && error.name === 'ResourceNotFoundException')) throw error;
      throw new NotFoundError(`stage ${stage} is not deployed: there is no function ${FunctionName}`, { cause: error });
    });
  const { ARTIFACT_BUCKET, REGISTRY_TABLE, LINEAGE_TABLE } = Environment?.Variables ?? {};
  if (ARTIFACT_BUCKET !== undefined && REGISTRY_TABLE !== undefined && LINEAGE_TABLE !== undefined) {
    return { artifactBucket: ARTIFACT_BUCKET, registryTable: REGISTRY_TABLE, lineageTable: LINEAGE_TABLE };
  }
  throw new InvalidStateError(
    `function ${FunctionName} names not all of ARTIFACT_BUCKET, REGISTRY_TABLE, LINEAGE_TABLE`,
  );
};
