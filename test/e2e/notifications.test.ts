import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createArtifactStore } from '../../shared/adapters/s3/artifact-store.ts';
import { runPrefix } from '../../shared/contracts/artifacts.ts';
import { EVENT_SOURCE, type EventType } from '../../shared/contracts/events.ts';
import { toJsonFile } from '../../shared/contracts/json-file.ts';
import { notificationPageKey } from '../../shared/contracts/notifications.ts';
import { RETRAINING_WORTH_FILE } from '../../shared/contracts/retraining-worth.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../shared/kernel/time.ts';
import { deadLinks } from '../helpers/dead-links.ts';
import { assemble, startTestCloud, type TestCloud } from '../helpers/local-cloud.ts';
import { readMails } from '../helpers/outbox.ts';
import { benchDefinition } from '../helpers/training-bench.ts';
import { weighedRun } from '../helpers/weighed-run.ts';

/** Failed tests of a model, told to its owner, to a receiver that may be down, and to the stage. */

const OWNER = 'owner@example.com';
const stateFolder = mkdtempSync(join(tmpdir(), 'millrace-notifications-'));
interface Posted {
  readonly id: string;
  readonly round: number;
  readonly picture?: string;
}

const posted: { readonly body: Posted; readonly deliveryId: string }[] = [];
let isDown = false;
let receiver: Server;
let test: TestCloud;

beforeAll(async () => {
  receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString('utf8'));
      posted.push({ body, deliveryId: String(request.headers['x-mlflow-delivery-id']) });
      response.writeHead(isDown ? 503 : 200).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const target = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/models`;
  const notifications = [
    { to: 'email', target: OWNER },
    { to: 'webhook', target, minSeverity: 'high' },
  ] as const;
  const assemblyFolder = await assemble([benchDefinition({ notifications: [...notifications] })]);
  test = await startTestCloud({ assemblyFolder, stateFolder });
}, 120_000);

afterAll(async () => {
  await test?.stop();
  receiver?.close();
  rmSync(stateFolder, { recursive: true, force: true });
});

const publish = async (DetailType: EventType, detail: object): Promise<void> => {
  const events = new EventBridgeClient(test.clientConfig);
  const EventBusName = test.cloud.outputs['Millrace-local-data']?.EventBusName;
  const entry = { EventBusName, Source: EVENT_SOURCE, DetailType, Detail: JSON.stringify(detail) };
  await events.send(new PutEventsCommand({ Entries: [entry] }));
  events.destroy();
};

const report = '/models/toy/reports/2001-01-14';
const failTests = (since: string) =>
  publish('Monitoring Tests Failed', {
    model: 'toy',
    day: '2001-01-14',
    since,
    severity: 'high',
    failing: [{ id: 'schema-faults', severity: 'high', reason: '1, must be at most 0' }],
    report,
  });
const endDay = (open: readonly string[]) =>
  publish('Daily Report Written', { model: 'toy', day: '2001-01-14', open, report });

const episodes = async () => {
  const { body } = await test.api.call('GET', `${test.platformUrl}/models/toy/notifications`);
  const { items } = body as {
    items: { id: string; acknowledged?: object; tellings: { to: string; status: string }[] }[];
  };
  return items.filter(({ id }) => id.startsWith('tests-'));
};

/** Alarms ring here too, since nothing is checked for drift. */
const mailsTo = (address: string) =>
  readMails(stateFolder).filter(({ to, body }) => to === address && String(body.text).includes('schema-faults')).length;

const deadLetterMails = () =>
  readMails(stateFolder).filter(({ body }) => body.AlarmName === 'millrace-local-monitoring-dead-letters').length;

it('tells each once, a severe episode daily until it is acknowledged, and writes a dead letter where nobody takes it', async () => {
  const { clock } = test.cloud;
  await failTests('2001-01-14');
  await failTests('2001-01-14');
  await clock.advanceBy(10 * MINUTE_MS);

  // The owner by his own subscription, the stage's operator by the alarm topic: one mail each.
  expect([mailsTo(OWNER), mailsTo('operator@example.com'), posted.length]).toEqual([1, 1, 1]);
  expect(deadLetterMails()).toBe(0);

  await clock.advanceBy(DAY_MS);
  await endDay(['tests']);
  await clock.advanceBy(10 * MINUTE_MS);
  expect([mailsTo(OWNER), posted.map(({ body }) => body.round)]).toEqual([2, [1, 2]]);

  const [standing] = await episodes();
  const path = `${test.platformUrl}/models/toy/notifications/${standing?.id}`;
  const acknowledged = await test.api.call('POST', `${path}/acknowledge`, { note: 'on it' });
  expect(acknowledged).toMatchObject({ status: 200, body: { acknowledged: { note: 'on it' } } });
  expect((await test.api.call('POST', `${path}/acknowledge`, { note: ' ' })).status).toBe(400);
  await clock.advanceBy(DAY_MS);
  await endDay(['tests']);
  await clock.advanceBy(10 * MINUTE_MS);
  expect([mailsTo(OWNER), posted.length]).toEqual([2, 2]);

  // Another test fails: another episode, while the receiver is down.
  isDown = true;
  await failTests('2001-01-16');
  await clock.advanceBy(HOUR_MS);
  expect(mailsTo(OWNER)).toBe(3);
  expect(posted.length - 2).toBe(9);
  expect(new Set(posted.slice(2).map(({ deliveryId }) => deliveryId)).size).toBe(1);
  expect(deadLetterMails()).toBeGreaterThan(0);
  expect((await episodes())[0]?.tellings.map(({ to, status }) => `${to} ${status}`)).toContain('webhook failed');
}, 120_000);

it('tells the stage of a version that waits and of a refused training in words, once, and of the decision', async () => {
  const mailsOf = (words: string) =>
    readMails(stateFolder).filter(({ to, body }) => to === 'operator@example.com' && String(body.text).includes(words));
  const cause = { kind: 'schedule', scheduledAt: '2001-01-16T06:00:00Z' };

  await publish('Approval Requested', { model: 'toy', version: 1, runId: 'run-1' });
  await publish('Training Refused', { model: 'toy', cause, reason: 'too few rows' });
  await test.cloud.clock.advanceBy(10 * MINUTE_MS);
  await publish('Model Version Rejected', { model: 'toy', version: 1, principal: 'ann', reason: 'too slow' });
  await test.cloud.clock.advanceBy(10 * MINUTE_MS);

  expect(mailsOf('npx millrace approve toy@1 --reason TEXT')).toHaveLength(1);
  expect(mailsOf('a training of toy was refused\n\ntoo few rows')).toHaveLength(1);
  // Nothing of it is told as an event of EventBridge.
  expect(readMails(stateFolder).filter(({ body }) => body['detail-type'] !== undefined)).toEqual([]);
  const { body } = await test.api.call('GET', `${test.platformUrl}/models/toy/notifications`);
  const { items } = body as { items: readonly { readonly id: string; readonly title: string }[] };
  expect(items.find(({ id }) => id.startsWith('approval-1-'))?.title).toBe('version 1 of toy was rejected by ann');
}, 60_000);

it('shows what a retraining would have gained to whoever is asked about it', async () => {
  isDown = false;
  const client = new S3Client({ ...test.clientConfig, forcePathStyle: true });
  const { ArtifactBucketName = '', DataBucketName = '' } = test.cloud.outputs['Millrace-local-data'] ?? {};
  const artifacts = createArtifactStore({ client, bucket: ArtifactBucketName });
  await artifacts.put(`${runPrefix('toy', 'run-1')}${RETRAINING_WORTH_FILE}`, toJsonFile(weighedRun()));
  const cause = { kind: 'schedule', scheduledAt: '2001-01-16T06:00:00Z' };

  await publish('Retraining Decided', { model: 'toy', runId: 'run-1', decision: 'person', reason: 'worse', cause });
  await test.cloud.clock.advanceBy(10 * MINUTE_MS);

  const { id = '', picture } = posted.at(-1)?.body ?? {};
  expect(id).toMatch(/^retraining-run-1-/);
  expect(picture).toContain('What retraining would have gained');
  const data = createArtifactStore({ client, bucket: DataBucketName });
  const page = new TextDecoder().decode(await data.get(notificationPageKey('toy', id)));
  client.destroy();
  expect(deadLinks(page)).toEqual([]);
  expect(page).toContain('it pays above 0.002');
}, 60_000);
