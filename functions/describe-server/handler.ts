import { type Definitions, definitionOf } from '../../shared/contracts/definitions.ts';
import {
  type ApiGatewayEvent,
  type ApiGatewayResult,
  createRouter,
  jsonResponse,
  renderOpenInferenceError,
  renderProblem,
  requestOf,
  resultOf,
} from '../../shared/http/index.ts';
import { NotFoundError } from '../../shared/kernel/errors.ts';

/**
 * Answers for the server itself (Open Inference Protocol V2: metadata and health) and for every path that belongs
 * to no deployed model. Reads nothing: whether a model is ready is asked at the model.
 */
export const createHandler = ({ definitions }: { readonly definitions: Definitions }) => {
  const unknownModel = async (model: string): Promise<never> => {
    definitionOf(definitions, model);
    throw new NotFoundError(`nothing is at this path of model ${model}`);
  };
  // KServe's client reads `ready` from both health answers.
  const healthy = async () => jsonResponse(200, { ready: true, live: true });
  const openInference = createRouter(
    [
      {
        method: 'GET',
        path: '/v2',
        handle: async () => jsonResponse(200, { name: 'millrace', version: '2', extensions: [] }),
      },
      { method: 'GET', path: '/v2/health/live', handle: healthy },
      { method: 'GET', path: '/v2/health/ready', handle: healthy },
    ],
    renderOpenInferenceError,
  );
  return async (event: ApiGatewayEvent): Promise<ApiGatewayResult> => {
    const request = requestOf(event);
    const [, first, second, third] = request.path.split('/');
    const model = first === 'v2' && second === 'models' ? third : first === 'models' ? second : undefined;
    if (model === undefined) return resultOf(await openInference(request));
    const render = first === 'v2' ? renderOpenInferenceError : renderProblem;
    const route = { path: request.path.replaceAll(/[{}]/g, ''), handle: () => unknownModel(model) };
    const methods = ['GET', 'POST', 'PUT', 'DELETE'] as const;
    return resultOf(
      await createRouter(
        methods.map((method) => ({ ...route, method })),
        render,
      )(request),
    );
  };
};
