import { createAttestations } from '../../shared/adapters/dynamodb/attestations.ts';
import { createVersionEvaluations } from '../../shared/adapters/dynamodb/evaluations.ts';
import { createLineageStore } from '../../shared/adapters/dynamodb/lineage-store.ts';
import { createModelRegistry } from '../../shared/adapters/dynamodb/model-registry.ts';
import { createNotificationStore } from '../../shared/adapters/dynamodb/notifications.ts';
import { createOnlineStore } from '../../shared/adapters/dynamodb/online-store.ts';
import { createRolloutEvidence } from '../../shared/adapters/dynamodb/rollout-evidence.ts';
import { createRoutingPlans } from '../../shared/adapters/dynamodb/routing-plans.ts';
import { createShadowDays } from '../../shared/adapters/dynamodb/shadow-days.ts';
import { createDynamoDbClient, itemReader } from '../../shared/adapters/dynamodb/table.ts';
import { createUsageStore } from '../../shared/adapters/dynamodb/usage-store.ts';
import { readVersionEvidence } from '../../shared/adapters/dynamodb/version-evidence.ts';
import { createVersionComments } from '../../shared/adapters/dynamodb/version-notes.ts';
import { createArtifactStore, createS3Client } from '../../shared/adapters/s3/artifact-store.ts';
import { createUploadDesk } from '../../shared/adapters/s3/upload-desk.ts';
import { createVersionFiles } from '../../shared/adapters/s3/version-files.ts';
import { createRollBack } from '../../shared/adapters/sigv4/roll-back.ts';
import { createSignedClient } from '../../shared/adapters/sigv4/signed-client.ts';
import { createAttempts } from '../../shared/adapters/states/attempts.ts';
import { createStatesClient } from '../../shared/adapters/states/execution-starter.ts';
import { rollBackFunctionName } from '../../shared/contracts/names.ts';
import { linkRecord } from '../../shared/core/audit/index.ts';
import { PLAN_RECORDS } from '../../shared/core/routing/index.ts';
import type { PlatformDeps } from './routes.ts';

interface Places {
  readonly STAGE: string;
  readonly ARTIFACT_BUCKET: string;
  readonly DATA_BUCKET: string;
  readonly REGISTRY_TABLE: string;
  readonly AUDIT_TABLE: string;
  readonly LINEAGE_TABLE: string;
  readonly ONLINE_TABLE: string;
  readonly BATCH_SCORING_ARN: string;
}

/** The tables and buckets that the API reads and writes. */
export const openStores = (
  places: Places,
  env: Readonly<Record<string, string | undefined>>,
): Pick<
  PlatformDeps,
  | 'stage'
  | 'registry'
  | 'lineage'
  | 'artifacts'
  | 'uploads'
  | 'files'
  | 'evaluations'
  | 'comments'
  | 'attestations'
  | 'captures'
  | 'online'
  | 'usage'
  | 'plans'
  | 'rollBack'
  | 'rolloutEvidence'
  | 'shadowDays'
  | 'notifications'
  | 'readEvidence'
  | 'batchScoring'
> => {
  const { REGISTRY_TABLE: registryTable, LINEAGE_TABLE: lineageTable, AUDIT_TABLE: auditTable } = places;
  const tables = { client: createDynamoDbClient(), registryTable, lineageTable };
  const readItem = itemReader(tables.client);
  const audit = { table: auditTable, link: linkRecord };
  const client = createS3Client();
  const artifacts = createArtifactStore({ client, bucket: places.ARTIFACT_BUCKET });
  return {
    stage: places.STAGE,
    registry: createModelRegistry({ ...tables, audit }),
    evaluations: createVersionEvaluations({ ...tables, audit }),
    comments: createVersionComments({ ...tables, audit }),
    attestations: createAttestations({ ...tables, audit }),
    lineage: createLineageStore(tables),
    artifacts,
    uploads: createUploadDesk({ client, bucket: places.ARTIFACT_BUCKET, nowMs: () => Date.now() }),
    files: createVersionFiles(artifacts),
    online: createOnlineStore({ client: tables.client, table: places.ONLINE_TABLE }),
    usage: createUsageStore(tables),
    plans: createRoutingPlans({ ...tables, audit, routing: PLAN_RECORDS }),
    rollBack: createRollBack(createSignedClient({ env, nowMs: () => Date.now() }), rollBackFunctionName(places.STAGE)),
    rolloutEvidence: createRolloutEvidence(tables),
    shadowDays: createShadowDays(tables),
    notifications: createNotificationStore(tables),
    captures: createArtifactStore({ client, bucket: places.DATA_BUCKET }),
    batchScoring: {
      dataBucket: places.DATA_BUCKET,
      attempts: createAttempts(createStatesClient(), places.BATCH_SCORING_ARN),
    },
    readEvidence: (model, version) => readVersionEvidence({ ...tables, readItem, auditTable }, model, version),
  };
};
