import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createModelRegistry } from '../../shared/adapters/dynamodb/model-registry.ts';
import { createNotificationStore } from '../../shared/adapters/dynamodb/notifications.ts';
import { createRolloutEvidence } from '../../shared/adapters/dynamodb/rollout-evidence.ts';
import { createDynamoDbClient } from '../../shared/adapters/dynamodb/table.ts';
import { createWebhookStore } from '../../shared/adapters/dynamodb/webhooks.ts';
import { createArtifactStore, createS3Client } from '../../shared/adapters/s3/artifact-store.ts';
import { createVersionFiles } from '../../shared/adapters/s3/version-files.ts';
import { createTopicPublisher } from '../../shared/adapters/sns/topic-publisher.ts';
import { type Definitions, parseDefinitions } from '../../shared/contracts/definitions.ts';
import { definitionsPath, readEnv } from '../../shared/contracts/env.ts';
import { alarmName } from '../../shared/contracts/metric-names.ts';
import { DEFAULT_WORKSPACE } from '../../shared/contracts/registry.ts';
import { parseWebhookHosts } from '../../shared/contracts/webhook-hosts.ts';
import { type ModelAlarm, STAGE_EVENTS } from '../../shared/core/notifications/index.ts';
import { isPublicAddress } from '../../shared/core/webhooks/index.ts';
import { createGuardedPost } from '../../shared/http/index.ts';
import { createHandler } from './handler.ts';

const ALARMS = ['drift', 'heartbeat', 'errors', 'capture', 'skew', 'sample-ratio'] as const;

const alarmsOf = (stage: string, definitions: Definitions): ReadonlyMap<string, ModelAlarm> =>
  new Map(
    [...definitions.keys()].flatMap((model) => ALARMS.map((kind) => [alarmName(stage, model, kind), { model, kind }])),
  );

/** Wires the function to its stores and receivers. */
export const createNotifyPeople = () => {
  const env = readEnv([
    'STAGE',
    'REGISTRY_TABLE',
    'TRACKING_TABLE',
    'DATA_BUCKET',
    'ARTIFACT_BUCKET',
    'ALARM_TOPIC_ARN',
    'MAIL_TOPIC_ARN',
    'WEBHOOK_ALLOW_HOSTS',
  ]);
  const client = createDynamoDbClient();
  const tables = { client, registryTable: env.REGISTRY_TABLE };
  const s3 = createS3Client();
  const artifacts = createArtifactStore({ client: s3, bucket: env.ARTIFACT_BUCKET });
  const definitions = parseDefinitions(readFileSync(definitionsPath(), 'utf8'));
  return createHandler({
    definitions,
    alarms: alarmsOf(env.STAGE, definitions),
    stageTarget: {
      to: 'sns',
      target: env.ALARM_TOPIC_ARN,
      events: STAGE_EVENTS,
      minSeverity: 'medium',
    },
    store: createNotificationStore(tables),
    registry: createModelRegistry(tables),
    rolloutEvidence: createRolloutEvidence(tables),
    data: createArtifactStore({ client: s3, bucket: env.DATA_BUCKET }),
    artifacts,
    files: createVersionFiles(artifacts),
    topics: createTopicPublisher(),
    mailTopicArn: env.MAIL_TOPIC_ARN === 'none' ? undefined : env.MAIL_TOPIC_ARN,
    receivers: createGuardedPost({
      mayConnect: isPublicAddress,
      allowedHosts: parseWebhookHosts(env.WEBHOOK_ALLOW_HOSTS),
    }),
    webhooks: createWebhookStore({ client, table: env.TRACKING_TABLE, workspace: DEFAULT_WORKSPACE }),
    clock: { nowMs: () => Date.now() },
    random: Math.random,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    newId: randomUUID,
  });
};
