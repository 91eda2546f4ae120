import { batchRoutes } from '../../functions/tracking-api/batch-routes.ts';
import type { WorkspacePorts } from '../../functions/tracking-api/deps.ts';
import { experimentRoutes } from '../../functions/tracking-api/experiment-routes.ts';
import { inputRoutes } from '../../functions/tracking-api/input-routes.ts';
import { metricRoutes } from '../../functions/tracking-api/metric-routes.ts';
import { runRoutes } from '../../functions/tracking-api/run-routes.ts';
import { runSearchRoutes } from '../../functions/tracking-api/run-search-routes.ts';
import { createMemoryLoggedModelStore } from '../../shared/adapters/memory/logged-model-store.ts';
import { createMemoryTrackingStore } from '../../shared/adapters/memory/tracking-store.ts';
import { withMetrics, withRegistration } from '../../shared/core/logged-models/index.ts';
import { callRoutes, type MlflowCaller } from './mlflow-call.ts';

const ROUTES = [...experimentRoutes, ...runRoutes, ...batchRoutes, ...inputRoutes, ...metricRoutes, ...runSearchRoutes];

type RunPorts = Pick<WorkspacePorts, 'tracking' | 'loggedModels'>;

export const memoryPorts = (): RunPorts => ({
  tracking: createMemoryTrackingStore(),
  loggedModels: createMemoryLoggedModelStore({ withMetrics, withRegistration }),
});

/** The routes of experiments and runs over some ports: memory's, or such as fail now and then. */
export const callTracking = (
  ports: RunPorts = memoryPorts(),
  options: Parameters<typeof callRoutes>[2] = {},
): MlflowCaller => callRoutes(ROUTES, ports, options);
