import { InvalidRequestError, NotFoundError, UnavailableError } from '../../kernel/errors.ts';
import { showValue } from '../../kernel/show-value.ts';
import { JSON_HEADERS } from './infer-answer.ts';
import { isObject } from './infer-body.ts';
import type { InferenceAnswer, InferenceRequest } from './inference-host.ts';
import type { Operation, PathMatch } from './inference-route.ts';
import { isPromise, type Later, later } from './later.ts';
import { parseJson } from './lossless-json.ts';
import { renderFailure } from './render-failure.ts';
import { mediaTypeOf, requireJson, textOf } from './request-body.ts';
import { serverHealth, serverLive, serverMetadata } from './server-answers.ts';

/** What a server with many models lets itself be told, by SageMaker's contract of such containers. */
export interface ModelInventory {
  list(): readonly LoadedModelName[];
  /** @throws AlreadyExistsError, NotFoundError; UnavailableError when no memory is left for it */
  load(model: string, url: string): void | Promise<void>;
  /** @throws NotFoundError */
  unload(model: string): void | Promise<void>;
}

export interface LoadedModelName {
  readonly modelName: string;
  readonly modelUrl: string;
}

/** A server with paths of its own beside those of its models. */
export interface ServerOptions {
  readonly name: string;
  readonly version: string;
  /** False while it starts or drains. */
  isReady(): boolean;
  /** Who answers `POST /invocations`. @default the model that SageMaker's header names */
  readonly defaultModel?: string;
  /** @default models are neither listed nor loaded by request */
  readonly models?: ModelInventory;
}

export type Operate = (match: PathMatch, request: InferenceRequest) => Later<InferenceAnswer>;
export type Operations = Readonly<Partial<Record<Operation, Operate>>>;

const TARGET_MODEL = 'x-amzn-sagemaker-target-model';

/** The model that an invocation without one in its path is for. @throws InvalidRequestError */
export const invokedModel = (server: ServerOptions | undefined, request: InferenceRequest): string => {
  const model = request.header(TARGET_MODEL) ?? server?.defaultModel;
  if (model !== undefined && model !== '') return model;
  throw new InvalidRequestError(
    `the server has many models: ask /models/{model}/invocations, or name one in the header ${TARGET_MODEL}`,
  );
};

const text = (status: number, body: string): InferenceAnswer => ({
  status,
  headers: { 'content-type': 'text/plain' },
  body,
});
const json = (value: object): InferenceAnswer => ({ status: 200, headers: JSON_HEADERS, body: JSON.stringify(value) });

const textField = (body: unknown, key: string): string => {
  const value = isObject(body) ? body[key] : undefined;
  if (typeof value === 'string' && value !== '') return value;
  throw new InvalidRequestError(`${key} must be text, got ${showValue(value)}`);
};

const INSUFFICIENT_STORAGE = 507;

/** What SageMaker waits for before it unloads other models itself. */
const noMemory = (error: unknown): InferenceAnswer => {
  if (!(error instanceof UnavailableError)) throw error;
  const { code, message } = error;
  return renderFailure('mlflow', { status: INSUFFICIENT_STORAGE, code, message });
};

const load = (models: ModelInventory, request: InferenceRequest): Later<InferenceAnswer> => {
  requireJson(mediaTypeOf(request.header('content-type')));
  const body = parseJson(textOf(request.body), false);
  const modelName = textField(body, 'model_name');
  const modelUrl = textField(body, 'url');
  try {
    const loaded = later(models.load(modelName, modelUrl), () => json({ modelName, modelUrl }));
    return isPromise(loaded) ? loaded.catch(noMemory) : loaded;
  } catch (error) {
    return noMemory(error);
  }
};

/** https://docs.aws.amazon.com/sagemaker/latest/dg/mms-container-apis.html */
const inventoryOperations = (models: ModelInventory): Operations => ({
  'list models': () => json({ models: models.list() }),
  'describe model': ({ model = '' }) => {
    const found = models.list().find(({ modelName }) => modelName === model);
    if (found === undefined) throw new NotFoundError(`model ${showValue(model)} is not loaded`);
    return json(found);
  },
  'load model': (_match, request) => load(models, request),
  'unload model': ({ model = '' }) => later(models.unload(model), () => json({ modelName: model })),
});

/** What is asked of a server as a whole. */
export const createServerOperations = (server: ServerOptions): Operations => {
  const { name, version, models } = server;
  const metadata = serverMetadata(name, version);
  return {
    'server metadata': () => metadata,
    'server live': () => serverLive(),
    'server ready': () => serverHealth(server.isReady()),
    ping: () => text(server.isReady() ? 200 : 503, ''),
    version: () => text(200, version),
    ...(models === undefined ? {} : inventoryOperations(models)),
  };
};
