import { createAttestations } from '../../shared/adapters/dynamodb/attestations.ts';
import { createVersionEvaluations } from '../../shared/adapters/dynamodb/evaluations.ts';
import { createModelRegistry } from '../../shared/adapters/dynamodb/model-registry.ts';
import { createDynamoDbClient } from '../../shared/adapters/dynamodb/table.ts';
import { createArtifactStore, createS3Client } from '../../shared/adapters/s3/artifact-store.ts';
import { createVersionFiles } from '../../shared/adapters/s3/version-files.ts';

interface Places {
  readonly REGISTRY_TABLE: string;
  readonly ARTIFACT_BUCKET: string;
  readonly DATA_BUCKET: string;
}

/** What is read, and where the score goes. */
export const openSources = ({ REGISTRY_TABLE: registryTable, ARTIFACT_BUCKET, DATA_BUCKET }: Places) => {
  const tables = { client: createDynamoDbClient(), registryTable };
  const client = createS3Client();
  const artifacts = createArtifactStore({ client, bucket: ARTIFACT_BUCKET });
  const data = createArtifactStore({ client, bucket: DATA_BUCKET });
  return {
    registry: createModelRegistry(tables),
    evaluations: createVersionEvaluations(tables),
    attestations: createAttestations(tables),
    files: createVersionFiles(artifacts),
    artifacts: { name: 'artifacts', store: artifacts },
    data: { name: 'data', store: data },
    scores: data,
  } as const;
};
