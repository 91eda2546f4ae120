import {
  decodeOpenInference,
  decodePredictRequest,
  openInferenceMetadata,
  openInferenceResponse,
} from '../../shared/core/inference/index.ts';
import {
  type HttpRequest,
  type HttpResponse,
  jsonResponse,
  type Route,
  readJsonBody,
} from '../../shared/http/index.ts';
import { NotFoundError, UnavailableError } from '../../shared/kernel/errors.ts';
import type { ServedModel } from './load-served-model.ts';
import type { PredictionIdOf } from './prediction-id.ts';
import type { Row, Serve } from './serve.ts';

/** Largest body we accept: API Gateway passes 10 MB, Lambda 6 MB with its envelope. */
const MAX_BODY_BYTES = 5 * 1024 * 1024;

interface Deps {
  readonly model: string;
  /** Undefined while no version is in service. */
  readonly servedModel: () => Promise<ServedModel | undefined>;
  readonly serve: Serve;
  readonly predictionId: PredictionIdOf;
}

const requireServed = async ({ model, servedModel }: Deps): Promise<ServedModel> => {
  const served = await servedModel();
  if (served === undefined) throw new UnavailableError(`no version of ${model} is in service yet`);
  return served;
};

/** A path may name the version that serves, and no other. */
const requireVersion = (served: ServedModel, model: string, version: string | undefined): ServedModel => {
  if (version === undefined || version === String(served.version)) return served;
  throw new NotFoundError(
    `version ${version.slice(0, 20)} of ${model} is not in service; version ${served.version} is`,
  );
};

const outputKey = ({ signature }: ServedModel): string => signature.outputs[0]?.name ?? 'value';

const predict = async (deps: Deps, request: HttpRequest): Promise<HttpResponse> => {
  const served = await requireServed(deps);
  const { instances, single } = decodePredictRequest(served.signature, readJsonBody(request, MAX_BODY_BYTES));
  const rows = instances.map(({ features, predictionId }, i) => ({
    features,
    predictionId: predictionId ?? deps.predictionId(request.requestId, i),
  }));
  const outputs = await deps.serve(served, rows);
  const predictions = rows.map(({ predictionId }, i) => ({ predictionId, [outputKey(served)]: outputs[i] }));
  const head = { model: deps.model, version: served.version };
  return jsonResponse(200, single ? { ...head, ...predictions[0] } : { ...head, predictions });
};

const infer = async (deps: Deps, request: HttpRequest, version?: string): Promise<HttpResponse> => {
  const { model } = deps;
  const served = requireVersion(await requireServed(deps), model, version);
  const { id, rows: features } = decodeOpenInference(served.signature, readJsonBody(request, MAX_BODY_BYTES));
  const rows: readonly Row[] = features.map((row, i) => ({
    features: row,
    predictionId: deps.predictionId(request.requestId, i),
  }));
  const outputs = await deps.serve(served, rows);
  const predictionIds = rows.map(({ predictionId }) => predictionId);
  const head = { model, version: served.version, signature: served.signature };
  return jsonResponse(
    200,
    openInferenceResponse({ ...head, outputs, predictionIds, ...(id === undefined ? {} : { id }) }),
  );
};

const metadata = async (deps: Deps, version?: string): Promise<HttpResponse> => {
  const { version: serving, signature } = requireVersion(await requireServed(deps), deps.model, version);
  return jsonResponse(200, openInferenceMetadata(deps.model, serving, signature));
};

const ready = async (deps: Deps, version?: string): Promise<HttpResponse> => {
  requireVersion(await requireServed(deps), deps.model, version);
  return jsonResponse(200, { name: deps.model, ready: true });
};

/** Open Inference Protocol V2: https://github.com/kserve/open-inference-protocol (inference_rest.md). */
export const openInferenceRoutes = (deps: Deps): readonly Route[] =>
  [`/v2/models/${deps.model}`, `/v2/models/${deps.model}/versions/{version}`].flatMap((base): readonly Route[] => [
    { method: 'GET', path: base, handle: (_, { version }) => metadata(deps, version) },
    { method: 'GET', path: `${base}/ready`, handle: (_, { version }) => ready(deps, version) },
    { method: 'POST', path: `${base}/infer`, handle: (request, { version }) => infer(deps, request, version) },
  ]);

export const predictRoutes = (deps: Deps): readonly Route[] => [
  { method: 'POST', path: `/models/${deps.model}/predict`, handle: (request) => predict(deps, request) },
];
