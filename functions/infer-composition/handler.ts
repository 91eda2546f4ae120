import type { CompositionPorts, NodeTrace } from '../../shared/core/composition/index.ts';
import { createInferenceApi, type InferenceAnswer } from '../../shared/core/inference/index.ts';
import { type ApiGatewayEvent, type ApiGatewayResult, requestOf, resultOf } from '../../shared/http/index.ts';
import { errorFields, logLine } from '../../shared/kernel/log.ts';
import { type CompositionHostDeps, createCompositionHost } from './composition-host.ts';

/** Of API Gateway's 10 MB and Lambda's 6, as for every model. */
const MAX_BODY_BYTES = 5 * 1024 * 1024;

/** Who asks a composition, and so its members. */
export interface Asker {
  readonly requestId: string;
  readonly principal?: string | undefined;
  readonly apiKeyId?: string | null | undefined;
}

interface Deps extends Omit<CompositionHostDeps, 'ports' | 'answered'> {
  readonly askMember: (asker: Asker) => CompositionPorts['predict'];
  readonly elapsedMs: () => number;
}

/** The answer of a prediction with what each node did beside it. */
const withTrace = (answer: InferenceAnswer, nodes: readonly NodeTrace[]): InferenceAnswer =>
  answer.status === 200 && typeof answer.body === 'string'
    ? { ...answer, body: JSON.stringify({ ...JSON.parse(answer.body), nodes }) }
    : answer;

/**
 * Answers for a composition as for a model: the Open Inference Protocol, `POST /models/{name}/predict`, and `…/trace`,
 * which is a prediction that tells what each node did.
 */
export const createHandler =
  ({ askMember, elapsedMs, ...deps }: Deps) =>
  async (event: ApiGatewayEvent): Promise<ApiGatewayResult> => {
    const { headers, ...request } = requestOf(event);
    const { requestId, principal } = request;
    // The id that no caller can choose: members are metered by it.
    const { extendedRequestId: uniqueId = requestId, identity } = event.requestContext ?? {};
    let nodes: readonly NodeTrace[] = [];
    const host = createCompositionHost({
      ...deps,
      ports: { predict: askMember({ requestId: uniqueId, principal, apiKeyId: identity?.apiKeyId }), elapsedMs },
      answered: ({ trace }) => {
        nodes = trace;
      },
    });
    const answer = createInferenceApi(host, {
      maxBodyBytes: MAX_BODY_BYTES,
      unexpected: (error) => logLine('error', 'request failed unexpectedly', { requestId, ...errorFields(error) }),
    });
    const { name } = deps.composition;
    const traced = request.path === `/models/${name}/trace`;
    const path = traced ? `/models/${name}/predict` : request.path;
    const answered = await answer({ ...request, path, header: (header) => headers[header] });
    return resultOf(traced ? withTrace(answered, nodes) : answered);
  };
