import { expect, it } from 'vitest';
import { notificationRoutes } from '../../../../functions/platform-api/notification-routes.ts';
import { createMemoryArtifactStore } from '../../../../shared/adapters/memory/artifact-store.ts';
import { createMemoryNotificationStore } from '../../../../shared/adapters/memory/notification-store.ts';
import { createRouter, renderProblem } from '../../../../shared/http/index.ts';
import { benchDefinition } from '../../../helpers/training-bench.ts';

it('has nothing to tell of a model that nothing happened to, and refuses one that is not deployed', async () => {
  const deps = {
    definitions: new Map([['toy', benchDefinition()]]),
    notifications: createMemoryNotificationStore(),
    captures: createMemoryArtifactStore(),
    clock: { nowMs: () => 0 },
  };
  const router = createRouter(notificationRoutes(deps), renderProblem);
  const ask = (model: string) =>
    router({
      method: 'GET',
      path: `/models/${model}/notifications`,
      query: {},
      queryLists: {},
      headers: {},
      body: Buffer.from(''),
      requestId: 'r-1',
      principal: 'ann',
    });

  const [known, unknown] = [await ask('toy'), await ask('misspelt')];

  expect({ status: known.status, body: JSON.parse(String(known.body)) }).toEqual({ status: 200, body: { items: [] } });
  expect(unknown.status).toBe(404);
  expect(String(unknown.body)).toContain('is not deployed; deployed: toy');
});
