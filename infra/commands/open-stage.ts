import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient, type LambdaClientConfig } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { createModelRegistry } from '../../shared/adapters/dynamodb/model-registry.ts';
import { createArtifactStore } from '../../shared/adapters/s3/artifact-store.ts';
import { InvalidStateError } from '../../shared/kernel/errors.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';
import { functionName } from '../aws/names.ts';
import { findStageResources } from './find-stage-resources.ts';
import type { SourceStage, TargetStage } from './promote-version.ts';

/** How a stage is reached; what is absent comes from the environment, as the AWS CLI takes it. */
export interface StageAccess {
  readonly region?: string;
  /** A profile of `~/.aws/config`: stages may lie in different accounts. */
  readonly profile?: string;
  /** Of an embedded cloud. */
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export interface OpenStage extends SourceStage, TargetStage {
  readonly registry: ModelRegistry;
  readonly artifacts: ReturnType<typeof createArtifactStore>;
  close(): void;
}

interface FunctionFailure {
  readonly errorType?: string;
  readonly errorMessage?: string;
}

/**
 * Opens a deployed stage by the settings of its own functions, whose names are fixed.
 * @throws NotFoundError when the stage is not deployed.
 */
export const openStage = async (name: string, access: StageAccess): Promise<OpenStage> => {
  const config: LambdaClientConfig = { ...access };
  const lambda = new LambdaClient(config);
  const dynamodb = new DynamoDBClient({ ...access });
  const s3 = new S3Client({ ...access, ...(access.endpoint === undefined ? {} : { forcePathStyle: true }) });
  const { artifactBucket: bucket, registryTable } = await findStageResources(lambda, name);
  return {
    name,
    registry: createModelRegistry({ client: dynamodb, registryTable }),
    artifacts: createArtifactStore({ client: s3, bucket }),
    invoke: async (folder, payload) => {
      const FunctionName = functionName(name, folder);
      const answer = await lambda.send(
        new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify(payload)) }),
      );
      const result: unknown = JSON.parse(Buffer.from(answer.Payload ?? []).toString('utf8') || 'null');
      if (answer.FunctionError === undefined) return result;
      const { errorType = 'Error', errorMessage = '' } = result as FunctionFailure;
      throw new InvalidStateError(`${FunctionName} refused: ${errorType}: ${errorMessage}`);
    },
    close: () => {
      for (const client of [lambda, dynamodb, s3]) client.destroy();
    },
  };
};
