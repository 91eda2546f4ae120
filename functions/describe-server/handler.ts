import { type Definitions, definitionOf } from '../../shared/contracts/definitions.ts';
import { serverHealth, serverLive, serverMetadata } from '../../shared/core/inference/index.ts';
import {
  type ApiGatewayEvent,
  type ApiGatewayResult,
  createRouter,
  failureOf,
  renderOpenInferenceError,
  renderProblem,
  requestOf,
  resultOf,
} from '../../shared/http/index.ts';
import { NotFoundError } from '../../shared/kernel/errors.ts';
import { shorten } from '../../shared/kernel/show-value.ts';
import { modelIn } from './model-in-path.ts';

/**
 * Answers for the server itself (Open Inference Protocol V2: metadata and health) and for every path that belongs
 * to no deployed model. Reads nothing: whether a model is ready is asked at the model.
 */
export const createHandler = ({ definitions }: { readonly definitions: Definitions }) => {
  /** 404, however it was asked: what is not there has no methods. */
  const refuse = (path: string, model: string): never => {
    definitionOf(definitions, model);
    throw new NotFoundError(`nothing is at ${shorten(path, 200)}`);
  };
  const metadata = serverMetadata('millrace', '2');
  const openInference = createRouter(
    [
      { method: 'GET', path: '/v2', handle: async () => metadata },
      { method: 'GET', path: '/v2/health/live', handle: async () => serverLive() },
      { method: 'GET', path: '/v2/health/ready', handle: async () => serverHealth(true) },
    ],
    renderOpenInferenceError,
  );
  return async (event: ApiGatewayEvent): Promise<ApiGatewayResult> => {
    const request = requestOf(event);
    const { path, requestId } = request;
    const model = modelIn(path);
    if (model === undefined) return resultOf(await openInference(request));
    try {
      return refuse(path, model);
    } catch (error) {
      const render = path.startsWith('/v2/') ? renderOpenInferenceError : renderProblem;
      return resultOf(render(failureOf(error, requestId)));
    }
  };
};
