import { createHandler } from '../../functions/notify-people/handler.ts';
import { createMemoryArtifactStore } from '../../shared/adapters/memory/artifact-store.ts';
import { createMemoryRegistry } from '../../shared/adapters/memory/model-registry.ts';
import { createMemoryNotificationStore } from '../../shared/adapters/memory/notification-store.ts';
import { createMemoryRolloutEvidence } from '../../shared/adapters/memory/rollout-evidence.ts';
import { createVersionFiles } from '../../shared/adapters/s3/version-files.ts';
import { STAGE_EVENTS } from '../../shared/core/notifications/index.ts';
import type { PostResult } from '../../shared/http/index.ts';

/** notify-people with its stores in memory: model `toy` has an owner by mail and a receiver of what is severe. */

export const START_MS = Date.UTC(2001, 1, 17, 6);
export const RECEIVER_URL = 'https://hook.example.com/drift';
export const STAGE_TOPIC = 'arn:aws:sns:us-east-1:000000000000:alarms';

export const event = (type: string, detail: object, atMs = START_MS) => ({
  'detail-type': type,
  time: new Date(atMs).toISOString(),
  detail,
});

export const decided = (decision: 'retrain' | 'wait' | 'person', runId = 'run-1') =>
  event('Retraining Decided', {
    model: 'toy',
    runId,
    decision,
    reason: 'it loses more than before',
    cause: { kind: 'schedule', scheduledAt: '2001-02-17T06:00:00Z' },
  });

export const openNotifier = (answers: readonly PostResult[] = [], more: readonly object[] = []) => {
  const store = createMemoryNotificationStore();
  const data = createMemoryArtifactStore();
  const artifacts = createMemoryArtifactStore();
  const posted: { url: string; headers: Readonly<Record<string, string>>; body: string }[] = [];
  const mails: { topicArn: string; subject: string; text: string; recipients?: readonly string[] }[] = [];
  let nowMs = START_MS + 1_000;
  let ids = 0;
  let during: (() => Promise<unknown>) | undefined;
  const waiting = [...answers];
  const notifications = [
    { to: 'email', target: 'owner@example.com', minSeverity: 'medium' },
    { to: 'webhook', target: RECEIVER_URL, minSeverity: 'high', events: ['drift'] },
    ...more,
  ];
  const handle = createHandler({
    // Nothing else of a definition is read.
    definitions: new Map([['toy', { notifications }]]) as never,
    alarms: new Map(
      (['drift', 'errors'] as const).map((kind) => [`millrace-local-toy-${kind}`, { model: 'toy', kind }] as const),
    ),
    stageTarget: { to: 'sns', target: STAGE_TOPIC, events: STAGE_EVENTS, minSeverity: 'medium' },
    store,
    data,
    artifacts,
    registry: createMemoryRegistry().registry,
    rolloutEvidence: createMemoryRolloutEvidence(),
    files: createVersionFiles(artifacts),
    mailTopicArn: 'mail-topic',
    topics: {
      publish: async (message) => {
        mails.push(message);
      },
    },
    receivers: {
      allowedHosts: [],
      post: async (message) => {
        posted.push(message);
        await during?.();
        return waiting.shift() ?? { kind: 'answered', status: 200, body: '' };
      },
    },
    webhooks: {
      list: async () => [
        {
          webhookId: 'w',
          name: 'w',
          url: RECEIVER_URL,
          events: [],
          status: 'ACTIVE',
          secret: 'hush',
          createdAtMs: 0,
          updatedAtMs: 0,
        },
      ],
    },
    clock: { nowMs: () => nowMs },
    random: () => 0,
    sleep: async () => {},
    newId: () => {
      ids += 1;
      return String(ids);
    },
  });
  return {
    store,
    data,
    artifacts,
    posted,
    mails,
    handle: (what: unknown, atMs?: number) => {
      nowMs = atMs ?? nowMs + 1_000;
      return handle(what);
    },
    whilePosting: (work: () => Promise<unknown>) => {
      during = work;
    },
  };
};
