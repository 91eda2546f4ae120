import { expect, it } from 'vitest';
import { notificationRoutes } from '../../../../functions/platform-api/notification-routes.ts';
import { createMemoryArtifactStore } from '../../../../shared/adapters/memory/artifact-store.ts';
import { createMemoryRegistry } from '../../../../shared/adapters/memory/model-registry.ts';
import { createMemoryNotificationStore } from '../../../../shared/adapters/memory/notification-store.ts';
import { createMemoryRolloutEvidence } from '../../../../shared/adapters/memory/rollout-evidence.ts';
import { createVersionFiles } from '../../../../shared/adapters/s3/version-files.ts';
import { driftReportKey } from '../../../../shared/contracts/artifacts.ts';
import { toJsonFile } from '../../../../shared/contracts/json-file.ts';
import { notificationPageKey } from '../../../../shared/contracts/notifications.ts';
import { heardAlarm, type NotificationRecord } from '../../../../shared/core/notifications/index.ts';
import { createRouter, renderProblem } from '../../../../shared/http/index.ts';
import { benchDefinition } from '../../../helpers/training-bench.ts';

const open = () => {
  const artifacts = createMemoryArtifactStore();
  const deps = {
    definitions: new Map([['toy', benchDefinition()]]),
    notifications: createMemoryNotificationStore(),
    captures: createMemoryArtifactStore(),
    artifacts,
    registry: createMemoryRegistry().registry,
    rolloutEvidence: createMemoryRolloutEvidence(),
    files: createVersionFiles(artifacts),
    clock: { nowMs: () => 0 },
  };
  const router = createRouter(notificationRoutes(deps), renderProblem);
  const ask = (model: string, below = '', query = {}) =>
    router({
      method: 'GET',
      path: `/models/${model}/notifications${below}`,
      query,
      queryLists: {},
      headers: {},
      body: Buffer.from(''),
      requestId: 'r-1',
      principal: 'ann',
    });
  return { ...deps, ask };
};

/** As an alarm leaves it where no target asks to be told. */
const RANG: NotificationRecord = {
  ...heardAlarm({ model: 'toy', kind: 'drift' }, 'Threshold Crossed', Date.UTC(2001, 1, 19, 6)),
  id: 'drift-1',
  openedAtMs: 0,
  heardAtMs: 0,
  tellings: [],
};

it('draws the picture on request where nobody drew it, and says who was told', async () => {
  const { ask, captures, notifications } = open();
  const report = { comparison: { columns: [{ name: 'distance', psi: 0.4 }] } };
  await captures.put(driftReportKey('toy', '2001-02-18'), toJsonFile(report));
  await notifications.change(RANG, () => RANG);

  const { status, body } = await ask('toy', '/drift-1', { format: 'html' });

  expect(status).toBe(200);
  expect(body).toContain('<title>PSI by feature</title>');
  expect(body).toContain('Who was told: by the alarm’s topic.');
});

it('answers the page also where its picture cannot be drawn, and says why', async () => {
  const { ask, captures, notifications } = open();
  await notifications.change(RANG, () => RANG);

  expect((await ask('toy', '/drift-1', { format: 'html' })).body).toContain(
    'None: no drift report of the day was found',
  );
  await captures.put(driftReportKey('toy', '2001-02-18'), new TextEncoder().encode('{'));
  expect((await ask('toy', '/drift-1', { format: 'html' })).body).toContain('could not be read (SyntaxError)');
});

it('answers the page that people were told with, where there is one', async () => {
  const { ask, captures, notifications } = open();
  await notifications.change(RANG, () => RANG);
  await captures.put(notificationPageKey('toy', 'drift-1'), new TextEncoder().encode('as it was told'));

  expect((await ask('toy', '/drift-1', { format: 'html' })).body).toBe('as it was told');
});

it('says of an unknown notification which command lists those that there are', async () => {
  const { status, body } = await open().ask('toy', '/drift');

  expect(status).toBe(404);
  expect(String(body)).toContain('notification drift of toy does not exist; npx millrace acknowledge toy lists them');
});

it('has nothing to tell of a model that nothing happened to, and refuses one that is not deployed', async () => {
  const { ask } = open();

  const [known, unknown] = [await ask('toy'), await ask('misspelt')];

  expect({ status: known.status, body: JSON.parse(String(known.body)) }).toEqual({ status: 200, body: { items: [] } });
  expect(unknown.status).toBe(404);
  expect(String(unknown.body)).toContain('is not deployed; deployed: toy');
});
