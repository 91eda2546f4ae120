import { artifactDownloadRoutes } from './artifact-download-routes.ts';
import { artifactRoutes } from './artifact-routes.ts';
import { batchRoutes } from './batch-routes.ts';
import { experimentRoutes } from './experiment-routes.ts';
import { inputRoutes } from './input-routes.ts';
import { loggedModelRoutes } from './logged-model-routes.ts';
import { metricRoutes } from './metric-routes.ts';
import type { MlflowRoute } from './mlflow-route.ts';
import { modelVersionRoutes } from './model-version-routes.ts';
import { otlpRoutes } from './otlp-routes.ts';
import { registeredModelRoutes } from './registered-model-routes.ts';
import { runRoutes } from './run-routes.ts';
import { runSearchRoutes } from './run-search-routes.ts';
import { serverRoutes } from './server-routes.ts';
import { traceRoutes } from './trace-routes.ts';
import { webhookRoutes } from './webhook-routes.ts';

/** Everything that the tracking API answers. */
export const trackingRoutes: readonly MlflowRoute[] = [
  ...serverRoutes,
  ...experimentRoutes,
  ...runRoutes,
  ...runSearchRoutes,
  ...batchRoutes,
  ...inputRoutes,
  ...metricRoutes,
  ...artifactRoutes,
  ...artifactDownloadRoutes,
  ...loggedModelRoutes,
  ...registeredModelRoutes,
  ...modelVersionRoutes,
  ...traceRoutes,
  ...otlpRoutes,
  ...webhookRoutes,
];
