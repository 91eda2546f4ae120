import { InvalidRequestError } from '../../kernel/errors.ts';
import { showValue } from '../../kernel/show-value.ts';
import { explainedAnswer, wantsExplanation } from './explained-answer.ts';
import { inferAnswer } from './infer-answer.ts';
import { readInferBody } from './infer-body.ts';
import { readInferRequest } from './infer-request.ts';
import type {
  CompletedRow,
  InferenceAnswer,
  InferenceHost,
  InferenceRequest,
  Prediction,
  ServableModel,
} from './inference-host.ts';
import { isPromise, type Later, later } from './later.ts';
import { parseJson } from './lossless-json.ts';
import { mlflowAnswer } from './mlflow-answer.ts';
import { readScoringBody } from './mlflow-body.ts';
import { scoringTensors } from './mlflow-tensors.ts';
import type { ModelPlan } from './model-plan.ts';
import { predictAnswer } from './predict-answer.ts';
import { featureTensors, isPredictionId, type PredictRequest, placeOf, readPredictRequest } from './predict-request.ts';
import { mediaTypeOf, requireJson, textOf } from './request-body.ts';
import type { ModelSignature } from './signature.ts';
import type { Tensor } from './tensor.ts';

/** The model gave what it must never give: not the caller's mistake. */
export class ModelOutputError extends Error {
  override readonly name = 'ModelOutputError';
}

/** A request as tensors, whichever protocol it came by. */
interface Asked {
  readonly inputs: readonly Tensor[];
  readonly rowCount: number;
  readonly outputNames?: readonly string[];
  /** The callers' own; the host's where undefined. Left out where no row has one. */
  readonly predictionIds?: readonly (string | undefined)[];
  readonly completed?: readonly CompletedRow[];
}

/** Runs the model, has the prediction captured, and encodes the answer meanwhile. */
type Score = (
  plan: ModelPlan,
  asked: Asked,
  request: InferenceRequest,
  encode: (outputs: readonly Tensor[], predictionIds: readonly string[]) => InferenceAnswer,
) => Later<InferenceAnswer>;

/** A request to one model by each of the protocols: read, run, captured, answered. */
export interface Scoring {
  infer(plan: ModelPlan, request: InferenceRequest): Later<InferenceAnswer>;
  predict(plan: ModelPlan, request: InferenceRequest): Later<InferenceAnswer>;
  invoke(plan: ModelPlan, request: InferenceRequest): Later<InferenceAnswer>;
}

/** Of a model by feature name: one finite number a row. @throws ModelOutputError */
const requireSound = ({ name, version }: ServableModel, outputs: readonly Tensor[], rowCount: number): void => {
  for (const output of outputs) {
    const { data } = output;
    if (data.length !== rowCount) {
      throw new ModelOutputError(`version ${version} of ${name} gave ${data.length} outputs for ${rowCount} rows`);
    }
    for (let row = 0; row < rowCount; row += 1) {
      if (!Number.isFinite(data[row])) {
        throw new ModelOutputError(`version ${version} of ${name} gave an output that is not finite`);
      }
    }
  }
};

const NO_IDS: readonly string[] = [];

const idsOf = (
  host: InferenceHost,
  requestId: string,
  rowCount: number,
  given: Asked['predictionIds'],
): readonly string[] => {
  const ids: string[] = [];
  for (let row = 0; row < rowCount; row += 1) ids.push(given?.[row] ?? host.predictionId(requestId, row));
  return ids;
};

const createScore =
  (host: InferenceHost): Score =>
  ({ model, signature }, asked, request, encode) => {
    const { inputs, rowCount, outputNames, predictionIds: given, completed } = asked;
    const { requestId, uniqueId = requestId, principal, apiKeyId } = request;
    const predictionIds = signature === undefined ? NO_IDS : idsOf(host, requestId, rowCount, given);
    const startedMs = host.elapsedMs();
    return later(model.run(inputs, outputNames), (outputs) => {
      const latencyMs = host.elapsedMs() - startedMs;
      if (signature !== undefined) requireSound(model, outputs, rowCount);
      const prediction: Prediction = {
        model,
        requestId: uniqueId,
        predictionIds,
        rowCount,
        inputs,
        outputs,
        latencyMs,
        ...(principal === undefined ? {} : { principal }),
        ...(apiKeyId === undefined ? {} : { apiKeyId }),
        ...(completed === undefined ? {} : { completed }),
      };
      const captured = host.capture(prediction);
      const answer = encode(outputs, predictionIds);
      return isPromise(captured) ? captured.then(() => answer) : answer;
    });
  };

/** @throws InvalidRequestError for a model whose inputs are no features. */
const requireSignature = ({ model, signature }: ModelPlan): ModelSignature => {
  if (signature !== undefined) return signature;
  throw new InvalidRequestError(
    `model ${model.name} has no features by name: send its tensors to /v2/models/${model.name}/infer`,
  );
};

const completedRows = (
  host: InferenceHost,
  model: ServableModel,
  { rows }: PredictRequest,
): Later<readonly CompletedRow[]> | undefined =>
  host.completeRows !== undefined && rows.some(({ entities, values }) => entities !== undefined || values !== undefined)
    ? host.completeRows(model, rows)
    : undefined;

/** The caller's own id of an invocation, by which SageMaker's users join the truth: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html */
const INFERENCE_ID = 'x-amzn-sagemaker-inference-id';

const inferenceIds = (request: InferenceRequest, rowCount: number): readonly string[] | undefined => {
  const id = request.header(INFERENCE_ID);
  if (id === undefined || id === '') return undefined;
  const ids = rowCount === 1 ? [id] : Array.from({ length: rowCount }, (_, row) => `${id}:${row}`);
  if (ids.every(isPredictionId)) return ids;
  throw new InvalidRequestError(`${INFERENCE_ID} must be the id of a prediction, got ${showValue(id)}`);
};

export const createScoring = (host: InferenceHost): Scoring => {
  const score = createScore(host);

  const infer: Scoring['infer'] = (plan, request) => {
    const asked = readInferRequest(plan, readInferBody(request, plan.wide));
    const { inputs, rowCount, outputs } = asked;
    const outputNames = outputs?.map(({ name }) => name);
    return score(
      plan,
      outputNames === undefined ? { inputs, rowCount } : { inputs, rowCount, outputNames },
      request,
      (given, predictionIds) => inferAnswer(plan, asked, given, predictionIds),
    );
  };

  const predict: Scoring['predict'] = (plan, request) => {
    const signature = requireSignature(plan);
    requireJson(mediaTypeOf(request.header('content-type')));
    const text = textOf(request.body);
    const asked = readPredictRequest(text === '' ? {} : parseJson(text, false), host.completeRows !== undefined);
    const { rows, single } = asked;
    const place = (row: number): string => `${placeOf(single, row)}.features`;
    const scoreRows = (completed: readonly CompletedRow[] | undefined): Later<InferenceAnswer> => {
      const features = (completed ?? rows).map((row) => row.features);
      const inputs = featureTensors(signature, plan.features, features, place);
      const predictionIds = rows.map(({ predictionId }) => predictionId);
      const whole = { inputs, rowCount: rows.length, predictionIds, ...(completed === undefined ? {} : { completed }) };
      if (!wantsExplanation(request)) {
        return score(plan, whole, request, (outputs, ids) => predictAnswer(plan, outputs, ids, single));
      }
      return explainedAnswer(host, plan, { inputs, rowCount: rows.length, single, request }, (encode) =>
        score(plan, whole, request, encode),
      );
    };
    const completing = completedRows(host, plan.model, asked);
    return completing === undefined ? scoreRows(undefined) : later(completing, scoreRows);
  };

  const invoke: Scoring['invoke'] = (plan, request) => {
    const body = readScoringBody(request, plan.wide);
    const inputs = scoringTensors(plan, body, request.body.length);
    const rowCount = inputs[0]?.shape[0] ?? 1;
    const predictionIds = inferenceIds(request, rowCount);
    return score(
      plan,
      predictionIds === undefined ? { inputs, rowCount } : { inputs, rowCount, predictionIds },
      request,
      (outputs) => mlflowAnswer(plan, outputs),
    );
  };

  return { infer, predict, invoke };
};
