import { randomBytes } from 'node:crypto';
import { createGarbageMarks } from '../../shared/adapters/dynamodb/garbage-marks.ts';
import { createModelCatalog } from '../../shared/adapters/dynamodb/model-catalog/model-catalog.ts';
import { createModelRegistry } from '../../shared/adapters/dynamodb/model-registry.ts';
import { createDynamoDbClient } from '../../shared/adapters/dynamodb/table.ts';
import { createArtifactStore, createS3Client } from '../../shared/adapters/s3/artifact-store.ts';
import { createObjectDeletion } from '../../shared/adapters/s3/delete-object.ts';
import { DEFAULT_WORKSPACE } from '../../shared/contracts/registry.ts';
import { linkRecord } from '../../shared/core/audit/index.ts';
import type { CollectDeps } from './remove-folder.ts';

interface Places {
  readonly ARTIFACT_BUCKET: string;
  readonly REGISTRY_TABLE: string;
  readonly AUDIT_TABLE: string;
}

/** The registry and the bucket that are compared. */
export const openStores = ({
  ARTIFACT_BUCKET,
  REGISTRY_TABLE: registryTable,
  AUDIT_TABLE,
}: Places): Pick<CollectDeps, 'artifacts' | 'deleteObject' | 'registry' | 'catalog' | 'marks'> => {
  const client = createDynamoDbClient();
  const bucket = { client: createS3Client(), bucket: ARTIFACT_BUCKET };
  const tables = { client, registryTable, audit: { table: AUDIT_TABLE, link: linkRecord } };
  const newId = () => randomBytes(16).toString('hex');
  return {
    artifacts: createArtifactStore(bucket),
    deleteObject: createObjectDeletion(bucket),
    registry: createModelRegistry(tables),
    catalog: createModelCatalog({ ...tables, workspace: DEFAULT_WORKSPACE, newId }),
    marks: createGarbageMarks(client, registryTable),
  };
};
