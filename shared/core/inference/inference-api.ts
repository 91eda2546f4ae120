import { shorten } from '../../kernel/show-value.ts';
import type { InferenceAnswer, InferenceHost, InferenceRequest, ServableModel } from './inference-host.ts';
import { createPathMatcher, type PathMatch } from './inference-route.ts';
import { isPromise, type Later, later } from './later.ts';
import { planOf } from './model-plan.ts';
import { openApiAnswer } from './openapi.ts';
import { failureOf, type InferenceFailure, renderFailure } from './render-failure.ts';
import { checkBody } from './request-body.ts';
import { createScoring } from './scoring.ts';
import { modelMetadata, modelReady } from './server-answers.ts';
import {
  createServerOperations,
  invokedModel,
  type Operate,
  type Operations,
  type ServerOptions,
} from './server-operations.ts';

export interface InferenceApiOptions {
  /** Larger bodies are refused before any other work. */
  readonly maxBodyBytes: number;
  /** @default only the paths of models are known */
  readonly server?: ServerOptions;
  /**
   * Hears of errors that are no caller's mistake (the model's own, or bugs), and makes them answers of status 500.
   * @default they are thrown on
   */
  readonly unexpected?: (error: unknown, request: InferenceRequest) => void;
}

export type InferenceApi = (request: InferenceRequest) => Later<InferenceAnswer>;

const SHOWN_PATH = 200;

/** @param allowed the methods that the path is known for. */
const unroutable = ({ method, path }: InferenceRequest, allowed: string): InferenceFailure => {
  const shown = shorten(path, SHOWN_PATH);
  if (allowed === '') return { status: 404, code: 'RESOURCE_DOES_NOT_EXIST', message: `nothing is at ${shown}` };
  return {
    status: 405,
    code: 'METHOD_NOT_ALLOWED',
    message: `${method} is not allowed at ${shown}; allowed: ${allowed}`,
    headers: { allow: allowed },
  };
};

/** What is asked of one model. */
const createModelOperations = (host: InferenceHost, server: ServerOptions | undefined): Operations => {
  const scoring = createScoring(host);
  const ofModel =
    (answer: (model: ServableModel, request: InferenceRequest) => Later<InferenceAnswer>): Operate =>
    ({ model = '', version }, request) =>
      later(host.find(model, version), (found) => answer(found, request));
  return {
    'model metadata': ofModel(modelMetadata),
    'model ready': (match, request) => {
      const { model = '', version } = match;
      if (host.isReady === undefined) return ofModel(({ name }) => modelReady(name, true))(match, request);
      return later(host.isReady(model, version), (ready) => modelReady(model, ready));
    },
    infer: ofModel((model, request) => scoring.infer(planOf(model), request)),
    predict: ofModel((model, request) => scoring.predict(planOf(model), request)),
    invoke: ({ model }, request) =>
      later(host.find(model ?? invokedModel(server, request)), (found) => scoring.invoke(planOf(found), request)),
    openapi: ofModel(openApiAnswer),
  };
};

/**
 * The serving APIs over a host's models: Open Inference Protocol V2 with binary tensors, prediction by feature name,
 * and for a server as a whole its own paths. Answers at once where the host and the model do.
 */
export const createInferenceApi = (host: InferenceHost, options: InferenceApiOptions): InferenceApi => {
  const { maxBodyBytes, server, unexpected } = options;
  const matchPath = createPathMatcher(server !== undefined);
  const operations = {
    ...createModelOperations(host, server),
    ...(server === undefined ? {} : createServerOperations(server)),
  };

  const allowedAt = (match: PathMatch): string =>
    Object.entries(match.operations)
      .filter(([, operation]) => operations[operation] !== undefined)
      .map(([method]) => method)
      .sort()
      .join(', ');

  const failed = (error: unknown, { dialect }: PathMatch, request: InferenceRequest): InferenceAnswer => {
    const failure = failureOf(error);
    if (failure !== undefined) return renderFailure(dialect, failure);
    if (unexpected === undefined) throw error;
    unexpected(error, request);
    const message = `internal error, request ${request.requestId}`;
    return renderFailure(dialect, { status: 500, code: 'INTERNAL_ERROR', message });
  };

  return (request) => {
    const match = matchPath(request.path);
    const operation = Object.hasOwn(match.operations, request.method) ? match.operations[request.method] : undefined;
    const operate = operation === undefined ? undefined : operations[operation];
    if (operate === undefined) return renderFailure(match.dialect, unroutable(request, allowedAt(match)));
    try {
      checkBody(request, maxBodyBytes);
      const answer = operate(match, request);
      return isPromise(answer) ? answer.catch((error) => failed(error, match, request)) : answer;
    } catch (error) {
      return failed(error, match, request);
    }
  };
};
