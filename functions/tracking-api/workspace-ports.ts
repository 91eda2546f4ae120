import { createLoggedModelStore } from '../../shared/adapters/dynamodb/logged-models/logged-model-store.ts';
import { createModelCatalog } from '../../shared/adapters/dynamodb/model-catalog/model-catalog.ts';
import { createDynamoDbClient } from '../../shared/adapters/dynamodb/table.ts';
import { createTraceStore } from '../../shared/adapters/dynamodb/traces/trace-store.ts';
import { createTrackingStore } from '../../shared/adapters/dynamodb/tracking/tracking-store.ts';
import { createWebhookStore } from '../../shared/adapters/dynamodb/webhooks.ts';
import { createEventBridgeClient, createEventPublisher } from '../../shared/adapters/events/event-publisher.ts';
import { createArtifactStore, createS3Client } from '../../shared/adapters/s3/artifact-store.ts';
import { createObjectDeletion } from '../../shared/adapters/s3/delete-object.ts';
import { createTrackingArtifacts } from '../../shared/adapters/s3/tracking-artifacts.ts';
import { parseWebhookHosts } from '../../shared/contracts/webhook-hosts.ts';
import { artifactSpace } from '../../shared/core/artifacts/index.ts';
import { linkRecord } from '../../shared/core/audit/index.ts';
import { withMetrics, withRegistration } from '../../shared/core/logged-models/index.ts';
import { traceEntryOf } from '../../shared/core/traces/index.ts';
import { isPublicAddress } from '../../shared/core/webhooks/index.ts';
import { createGuardedPost } from '../../shared/http/index.ts';
import type { TrackingDeps, WorkspacePorts } from './deps.ts';

/** Variables that the function needs. */
export const VARIABLES = [
  'TRACKING_TABLE',
  'REGISTRY_TABLE',
  'AUDIT_TABLE',
  'ARTIFACT_BUCKET',
  'EVENT_BUS_NAME',
  'WEBHOOK_ALLOW_HOSTS',
] as const;

interface Options extends Pick<TrackingDeps, 'clock' | 'newId'> {
  readonly env: Readonly<Record<(typeof VARIABLES)[number], string>>;
}

/** Workspaces whose ports are kept. Each remembers the runs that it saw last. */
const MOST_KEPT = 50;

/** What all workspaces share, clients before all. @returns what makes one workspace's ports */
const portMaker = ({ env, clock, newId }: Options): ((workspace: string) => WorkspacePorts) => {
  const { TRACKING_TABLE: table, REGISTRY_TABLE: registryTable, ARTIFACT_BUCKET: bucket } = env;
  const client = createDynamoDbClient();
  const s3 = createS3Client();
  const values = createArtifactStore({ client: s3, bucket });
  const objects = { ...values, delete: createObjectDeletion({ client: s3, bucket }) };
  const events = createEventPublisher({ client: createEventBridgeClient(), eventBusName: env.EVENT_BUS_NAME });
  const allowedHosts = parseWebhookHosts(env.WEBHOOK_ALLOW_HOSTS);
  const receivers = createGuardedPost({ mayConnect: isPublicAddress, allowedHosts });
  const audit = { table: env.AUDIT_TABLE, link: linkRecord };

  return (workspace) => {
    const ofWorkspace = { client, table, values, workspace, clock };
    const space = artifactSpace({ workspace, bucket });
    return {
      tracking: createTrackingStore(ofWorkspace),
      artifacts: createTrackingArtifacts({ client: s3, bucket, space, nowMs: clock.nowMs }),
      loggedModels: createLoggedModelStore({ ...ofWorkspace, rules: { withMetrics, withRegistration } }),
      traces: createTraceStore({ client, table, workspace, objects, entryOf: traceEntryOf }),
      catalog: createModelCatalog({ client, registryTable, audit, workspace, newId }),
      events,
      webhooks: createWebhookStore({ client, table, workspace }),
      receivers,
    };
  };
};

/** What each workspace has, made once and kept while it is used. */
export const createWorkspacePorts = (options: Options): TrackingDeps['portsOf'] => {
  const create = portMaker(options);
  const kept = new Map<string, WorkspacePorts>();
  return (workspace) => {
    const ports = kept.get(workspace) ?? create(workspace);
    // Last used, last in line.
    kept.delete(workspace);
    kept.set(workspace, ports);
    const [oldest] = kept.keys();
    if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
    return ports;
  };
};
