import { type ApiGatewayEvent, type ApiGatewayResult, requestOf, resultOf } from '../../shared/http/index.ts';
import type { TrackingDeps } from './deps.ts';
import { createMlflowApi } from './mlflow-api.ts';
import { trackingRoutes } from './routes.ts';

interface LambdaContext {
  readonly getRemainingTimeInMillis: () => number;
}

/**
 * MLflow's tracking server: experiments, runs, models, traces and artifacts of every workspace. Clients repeat what was
 * not answered; every write is conditional or keyed.
 */
export const createHandler = (
  deps: TrackingDeps,
): ((event: ApiGatewayEvent, context: LambdaContext) => Promise<ApiGatewayResult>) => {
  const answer = createMlflowApi(deps, trackingRoutes);
  return async (event, context) => resultOf(await answer(requestOf(event), () => context.getRemainingTimeInMillis()));
};
