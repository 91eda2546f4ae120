import { expect, it } from 'vitest';
import { neededRole } from '../../../../functions/tracking-api/needed-role.ts';
import { trackingRoutes } from '../../../../functions/tracking-api/routes.ts';

it('lets readers call these POSTs and no others', () => {
  const reading = trackingRoutes
    .filter((route) => route.method !== 'GET' && neededRole(route) === 'read')
    .map(({ method, path }) => `${method} ${path}`);

  expect(
    reading.filter(
      (route) =>
        !/^POST \/.*\/(search|search-datasets|get-latest-versions|get-history-bulk|presigned-download-url|batchGet)$/.test(
          route,
        ),
    ),
  ).toEqual([]);
  expect(reading).toContain('POST /2.0/mlflow/experiments/search');
});

it.each([
  ['POST', '/2.0/mlflow/runs/search', 'read'],
  ['POST', '/2.0/mlflow/runs/create', 'write'],
  ['PUT', '/2.0/mlflow-artifacts/artifacts/{path+}', 'write'],
  ['DELETE', '/2.0/mlflow/registered-models/alias', 'write'],
  ['POST', '/2.0/mlflow/webhooks/{id}/test', 'admin'],
  ['PATCH', '/2.0/mlflow/webhooks/{id}', 'admin'],
  ['GET', '/2.0/mlflow/webhooks', 'read'],
] as const)('%s %s asks for %s', (method, path, role) => {
  expect(neededRole({ method, path })).toBe(role);
});
