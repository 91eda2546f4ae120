import { createVersionEvaluations } from '../../shared/adapters/dynamodb/evaluations.ts';
import { createLineageStore } from '../../shared/adapters/dynamodb/lineage-store.ts';
import { createModelRegistry } from '../../shared/adapters/dynamodb/model-registry.ts';
import { createDynamoDbClient } from '../../shared/adapters/dynamodb/table.ts';
import { readVersionEvidence } from '../../shared/adapters/dynamodb/version-evidence.ts';
import { createVersionComments } from '../../shared/adapters/dynamodb/version-notes.ts';
import { createArtifactStore, createS3Client } from '../../shared/adapters/s3/artifact-store.ts';
import { createVersionFiles } from '../../shared/adapters/s3/version-files.ts';
import { linkRecord } from '../../shared/core/audit/index.ts';
import type { PlatformDeps } from './routes.ts';

interface Places {
  readonly ARTIFACT_BUCKET: string;
  readonly DATA_BUCKET: string;
  readonly REGISTRY_TABLE: string;
  readonly AUDIT_TABLE: string;
  readonly LINEAGE_TABLE: string;
}

/** The tables and buckets that the API reads and writes. */
export const openStores = (
  places: Places,
): Pick<
  PlatformDeps,
  'registry' | 'lineage' | 'artifacts' | 'files' | 'evaluations' | 'comments' | 'captures' | 'readEvidence'
> => {
  const { REGISTRY_TABLE: registryTable, LINEAGE_TABLE: lineageTable, AUDIT_TABLE: auditTable } = places;
  const tables = { client: createDynamoDbClient(), registryTable, lineageTable };
  const audit = { table: auditTable, link: linkRecord };
  const client = createS3Client();
  const artifacts = createArtifactStore({ client, bucket: places.ARTIFACT_BUCKET });
  return {
    registry: createModelRegistry({ ...tables, audit }),
    evaluations: createVersionEvaluations({ ...tables, audit }),
    comments: createVersionComments({ ...tables, audit }),
    lineage: createLineageStore(tables),
    artifacts,
    files: createVersionFiles(artifacts),
    captures: createArtifactStore({ client, bucket: places.DATA_BUCKET }),
    readEvidence: (model, version) => readVersionEvidence({ ...tables, auditTable }, model, version),
  };
};
