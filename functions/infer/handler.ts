import { createInferenceApi } from '../../shared/core/inference/index.ts';
import type { ApiGatewayEvent, ApiGatewayResult } from '../../shared/http/index.ts';
import { assert } from '../../shared/kernel/assert.ts';
import { errorFields, logLine } from '../../shared/kernel/log.ts';
import { gatewayResultOf, inferenceRequestOf } from './gateway-request.ts';
import { createInferenceHost, type HostDeps } from './inference-host.ts';
import { predictNeutral } from './predict-neutral.ts';
import { InferenceFailedError } from './servable-model.ts';

/** Largest body we accept: API Gateway passes 10 MB, Lambda 6 MB with its envelope. */
const MAX_BODY_BYTES = 5 * 1024 * 1024;

interface SmokeTestEvent {
  readonly smokeTest: { readonly model: string };
}

/** One neutral row through the loaded model. Only a direct invocation has this form, and it is never captured. */
const smokeTest = async ({ model, servedModel }: HostDeps) => {
  const served = await servedModel();
  assert(served !== undefined, 'a version without a model is not smoke-tested');
  const { version } = served;
  const output = await predictNeutral(served.runtime, served.signature).catch((cause: unknown) => {
    throw new InferenceFailedError(`version ${version} failed on its smoke test`, { cause });
  });
  if (!Number.isFinite(output)) throw new InferenceFailedError(`version ${version} gave an output that is not finite`);
  return { model, version, output };
};

/** Our own failures fail the invocation, which is what a canary is judged by; the log says what they were. */
const failing = (requestId: string, error: unknown): never => {
  logLine('error', 'request failed unexpectedly', { requestId, ...errorFields(error) });
  throw new InferenceFailedError(`internal error, request ${requestId}`, { cause: error });
};

/** Answers the prediction API of one model version. Each request stands alone: repeating one repeats its capture. */
export const createHandler = (deps: HostDeps) => {
  const answer = createInferenceApi(createInferenceHost(deps), { maxBodyBytes: MAX_BODY_BYTES });
  return async (event: ApiGatewayEvent | SmokeTestEvent): Promise<ApiGatewayResult | object> => {
    if ('smokeTest' in event) return smokeTest(deps);
    const request = inferenceRequestOf(event);
    try {
      return gatewayResultOf(await answer(request));
    } catch (error) {
      return failing(request.requestId, error);
    }
  };
};
