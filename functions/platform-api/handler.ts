import {
  type ApiGatewayEvent,
  type ApiGatewayResult,
  createApiGatewayHandler,
  createRouter,
  renderProblem,
} from '../../shared/http/index.ts';
import { type PlatformDeps, platformRoutes } from './routes.ts';

/**
 * The platform API: models, versions, runs, rollouts and lineage to read; training, approval and rejection to ask for.
 * Reads repeat freely. A decision taken twice stands and is announced again; a request to train is told from another
 * by its `Idempotency-Key`, or else is a new one.
 */
export const createHandler = (deps: PlatformDeps): ((event: ApiGatewayEvent) => Promise<ApiGatewayResult>) =>
  createApiGatewayHandler(createRouter(platformRoutes(deps), renderProblem));
