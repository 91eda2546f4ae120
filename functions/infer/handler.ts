import {
  type ApiGatewayEvent,
  type ApiGatewayResult,
  createRouter,
  type Failure,
  type RenderFailure,
  renderOpenInferenceError,
  renderProblem,
  requestOf,
  resultOf,
} from '../../shared/http/index.ts';
import { assert } from '../../shared/kernel/assert.ts';
import type { ServedModel } from './load-served-model.ts';
import type { PredictionIdOf } from './prediction-id.ts';
import { openInferenceRoutes, predictRoutes } from './routes.ts';
import { InferenceFailedError, type Serve, score } from './serve.ts';

interface Deps {
  readonly model: string;
  readonly servedModel: () => Promise<ServedModel | undefined>;
  readonly serve: Serve;
  readonly predictionId: PredictionIdOf;
}

interface SmokeTestEvent {
  readonly smokeTest: { readonly model: string };
}

/** The caller's mistakes are answered; our own failures fail the invocation, which is what a canary is judged by. */
const failing =
  (render: RenderFailure): RenderFailure =>
  (failure: Failure) => {
    if (failure.status === 500) throw new InferenceFailedError(failure.message);
    return render(failure);
  };

/** One neutral row through the loaded model. Only a direct invocation has this form, and it is never captured. */
const smokeTest = async ({ model, servedModel }: Deps) => {
  const served = await servedModel();
  assert(served !== undefined, 'a version without a model is not smoke-tested');
  const features = Object.fromEntries(
    served.signature.inputs.map(({ name, datatype }) => [name, datatype === 'FP32' ? 0 : '']),
  );
  const [output] = await score(served, [{ predictionId: 'smoke-test', features }]);
  return { model, version: served.version, output };
};

/** Answers the prediction API of one model version. Each request stands alone: repeating one repeats its capture. */
export const createHandler = (deps: Deps) => {
  const openInference = createRouter(openInferenceRoutes(deps), failing(renderOpenInferenceError));
  const predict = createRouter(predictRoutes(deps), failing(renderProblem));
  return async (event: ApiGatewayEvent | SmokeTestEvent): Promise<ApiGatewayResult | object> => {
    if ('smokeTest' in event) return smokeTest(deps);
    const request = requestOf(event);
    return resultOf(await (request.path.startsWith('/v2/') ? openInference : predict)(request));
  };
};
