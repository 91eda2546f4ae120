import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { chainName } from '../../shared/adapters/dynamodb/audit-keys.ts';
import { createAuditReader } from '../../shared/adapters/dynamodb/audit-log.ts';
import { createModelRegistry } from '../../shared/adapters/dynamodb/model-registry.ts';
import { listStoredVersions } from '../../shared/adapters/dynamodb/stored-versions.ts';
import { createArtifactStore } from '../../shared/adapters/s3/artifact-store.ts';
import { DEFAULT_WORKSPACE } from '../../shared/contracts/registry.ts';
import { InvalidStateError, LimitExceededError } from '../../shared/kernel/errors.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';
import { functionName } from '../aws/names.ts';
import { findStageResources } from './find-stage-resources.ts';
import type { StageAccess } from './open-stage.ts';
import { readSealedHeads } from './read-sealed-heads.ts';
import type { AuditSources } from './verify-audit.ts';

export interface OpenAudit extends AuditSources {
  close(): void;
}

const PAGE = 100;
const MOST_PAGES = 1_000;

/** The names of the models' chains. */
const modelNames = async (registry: ModelRegistry): Promise<readonly string[]> => {
  const names: string[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const { items, nextCursor } = await registry.listModels(PAGE, cursor);
    names.push(...items.map(({ model }) => chainName(model, DEFAULT_WORKSPACE)));
    cursor = nextCursor;
    if (cursor === undefined) return names;
  }
  throw new LimitExceededError(`the registry has more than ${PAGE * MOST_PAGES} models`);
};

/**
 * What the audit log of a stage is verified by, found by the settings of the stage's own functions.
 * @throws NotFoundError when the stage is not deployed.
 */
export const openAudit = async (stage: string, access: StageAccess): Promise<OpenAudit> => {
  const lambda = new LambdaClient({ ...access });
  const client = new DynamoDBClient({ ...access });
  const s3 = new S3Client({ ...access, ...(access.endpoint === undefined ? {} : { forcePathStyle: true }) });
  const { artifactBucket, registryTable } = await findStageResources(lambda, stage);
  const FunctionName = functionName(stage, 'seal-audit');
  const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  const { AUDIT_TABLE: auditTable, SEAL_BUCKET: sealBucket } = Environment?.Variables ?? {};
  if (auditTable === undefined || sealBucket === undefined) {
    throw new InvalidStateError(`function ${FunctionName} names not both of AUDIT_TABLE, SEAL_BUCKET`);
  }
  const registry = createModelRegistry({ client, registryTable });
  return {
    log: createAuditReader(client, auditTable),
    sealed: () => readSealedHeads(s3, sealBucket),
    listVersions: (home) => listStoredVersions({ client, registryTable }, home),
    artifacts: createArtifactStore({ client: s3, bucket: artifactBucket }),
    listModels: () => modelNames(registry),
    close: () => {
      for (const one of [lambda, client, s3]) one.destroy();
    },
  };
};
