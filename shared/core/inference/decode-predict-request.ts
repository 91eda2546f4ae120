import { InvalidRequestError } from '../../kernel/errors.ts';
import { showValue } from '../../kernel/show-value.ts';
import { checkFeatureValue } from './feature-value.ts';
import type { FeatureValue, ModelSignature } from './signature.ts';

/** Rows one request may bring; larger work is batch scoring. */
export const MAX_INSTANCES = 500;
const PREDICTION_ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;

export interface PredictInstance {
  readonly features: Readonly<Record<string, FeatureValue>>;
  /** The caller's own id, when given: sending it again is the same prediction. */
  readonly predictionId?: string;
}

export interface PredictRequest {
  readonly instances: readonly PredictInstance[];
  /** Whether the request was a single row, answered without a list. */
  readonly single: boolean;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const refuseUnknownKeys = (
  value: Readonly<Record<string, unknown>>,
  allowed: readonly string[],
  where: string,
): void => {
  const unknown = Object.keys(value).find((key) => !allowed.includes(key));
  if (unknown !== undefined) {
    throw new InvalidRequestError(`${where} has the unknown key ${showValue(unknown)}; allowed: ${allowed.join(', ')}`);
  }
};

const decodeFeatures = (signature: ModelSignature, value: unknown, where: string): PredictInstance['features'] => {
  if (!isObject(value))
    throw new InvalidRequestError(`${where} must be an object of feature values by name, got ${showValue(value)}`);
  const missing = signature.inputs.filter(({ name }) => !Object.hasOwn(value, name)).map(({ name }) => name);
  if (missing.length > 0) throw new InvalidRequestError(`${where} lacks ${missing.join(', ')}`);
  refuseUnknownKeys(
    value,
    signature.inputs.map(({ name }) => name),
    where,
  );
  return Object.fromEntries(
    signature.inputs.map((input) => {
      const { name } = input;
      return [name, checkFeatureValue(input, value[name], `${where}.${name}`)];
    }),
  );
};

const decodeInstance = (signature: ModelSignature, value: unknown, where: string): PredictInstance => {
  if (!isObject(value))
    throw new InvalidRequestError(`${where} must be an object {features, predictionId?}, got ${showValue(value)}`);
  refuseUnknownKeys(value, ['features', 'predictionId'], where);
  const features = decodeFeatures(signature, value.features, `${where}.features`);
  const { predictionId } = value;
  if (predictionId === undefined) return { features };
  if (typeof predictionId !== 'string' || !PREDICTION_ID.test(predictionId)) {
    throw new InvalidRequestError(
      `${where}.predictionId must match ${PREDICTION_ID.source}, got ${showValue(predictionId)}`,
    );
  }
  return { features, predictionId };
};

/**
 * The body of `POST /models/{model}/predict`: one row `{features: {name: value}, predictionId?}`, or
 * `{instances: [row, …]}` with 1 to 500 rows.
 * @throws InvalidRequestError
 */
export const decodePredictRequest = (signature: ModelSignature, body: unknown): PredictRequest => {
  if (!isObject(body))
    throw new InvalidRequestError(`the body must be a JSON object {features} or {instances}, got ${showValue(body)}`);
  if (!Object.hasOwn(body, 'instances')) {
    return { instances: [decodeInstance(signature, body, 'body')], single: true };
  }
  refuseUnknownKeys(body, ['instances'], 'body');
  const { instances } = body;
  if (!Array.isArray(instances) || instances.length === 0 || instances.length > MAX_INSTANCES) {
    throw new InvalidRequestError(
      `instances must be a list of 1 to ${MAX_INSTANCES} rows, got ${Array.isArray(instances) ? instances.length : showValue(instances)}`,
    );
  }
  return { instances: instances.map((row, i) => decodeInstance(signature, row, `instances[${i}]`)), single: false };
};
