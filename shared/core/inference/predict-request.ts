import { InvalidRequestError } from '../../kernel/errors.ts';
import { showValue } from '../../kernel/show-value.ts';
import { checkFeatureValue, FLOAT32_MAX } from './feature-value.ts';
import { isObject, type JsonObject } from './infer-body.ts';
import type { FeatureValue, ModelInput, ModelSignature } from './signature.ts';
import type { Tensor } from './tensor.ts';

/** The body of `POST /models/{model}/predict`, and rows by feature name wherever else they come from. */

/** Rows one request may bring; larger work is batch scoring. */
export const MAX_INSTANCES = 500;
const PREDICTION_ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;

export const isPredictionId = (value: unknown): value is string =>
  typeof value === 'string' && PREDICTION_ID.test(value);

/** One row as it was asked for. */
export interface PredictRow {
  /** By feature's name; not checked yet. Empty where all come by the entities. */
  readonly features: JsonObject;
  /** Keys of the entities whose features are kept online, by join key. */
  readonly entities?: JsonObject;
  /** What is known at the time of the request, that features are computed from. */
  readonly values?: JsonObject;
  /** The caller's own id, when given: sending it again is the same prediction. */
  readonly predictionId?: string;
}

export interface PredictRequest {
  readonly rows: readonly PredictRow[];
  /** Whether the request was a single row, answered without a list. */
  readonly single: boolean;
}

/** How messages name a row of a request. */
export const placeOf = (single: boolean, row: number): string => (single ? 'body' : `instances[${row}]`);

const NO_FEATURES: JsonObject = {};

/** @throws InvalidRequestError for the first key that is none of those. */
export const refuseUnknownKeys = (value: JsonObject, allowed: readonly string[], where: string): void => {
  const unknown = Object.keys(value).find((key) => !allowed.includes(key));
  if (unknown !== undefined) {
    throw new InvalidRequestError(`${where} has the unknown key ${showValue(unknown)}; allowed: ${allowed.join(', ')}`);
  }
};

const ROW_KEYS = ['features', 'predictionId'];
const ONLINE_ROW_KEYS = ['features', 'entities', 'values', 'predictionId'];

const objectAt = (row: JsonObject, key: 'entities' | 'values', where: string): JsonObject => {
  const value = row[key];
  if (isObject(value)) return value;
  throw new InvalidRequestError(`${where}.${key} must be an object, got ${showValue(value)}`);
};

const readRow = (row: unknown, online: boolean, place: () => string): PredictRow => {
  if (!isObject(row)) {
    throw new InvalidRequestError(`${place()} must be an object {features, predictionId?}, got ${showValue(row)}`);
  }
  const { features, predictionId } = row;
  refuseUnknownKeys(row, online ? ONLINE_ROW_KEYS : ROW_KEYS, place());
  const byEntity = online && (Object.hasOwn(row, 'entities') || Object.hasOwn(row, 'values'));
  if (!isObject(features) && !(byEntity && features === undefined)) {
    throw new InvalidRequestError(
      `${place()}.features must be an object of feature values by name, got ${showValue(features)}`,
    );
  }
  if (predictionId !== undefined && !isPredictionId(predictionId)) {
    throw new InvalidRequestError(
      `${place()}.predictionId must match ${PREDICTION_ID.source}, got ${showValue(predictionId)}`,
    );
  }
  return {
    features: isObject(features) ? features : NO_FEATURES,
    ...(predictionId === undefined ? {} : { predictionId }),
    ...(byEntity && Object.hasOwn(row, 'entities') ? { entities: objectAt(row, 'entities', place()) } : {}),
    ...(byEntity && Object.hasOwn(row, 'values') ? { values: objectAt(row, 'values', place()) } : {}),
  };
};

/**
 * One row `{features: {name: value}, predictionId?}`, or `{instances: [row, …]}` with 1 to 500 of them.
 * @param online whether a row may name entities instead of features, or beside them.
 * @throws InvalidRequestError
 */
export const readPredictRequest = (body: unknown, online: boolean): PredictRequest => {
  if (!isObject(body)) {
    throw new InvalidRequestError(`the body must be a JSON object {features} or {instances}, got ${showValue(body)}`);
  }
  if (!Object.hasOwn(body, 'instances')) {
    return { rows: [readRow(body, online, () => placeOf(true, 0))], single: true };
  }
  refuseUnknownKeys(body, ['instances'], 'body');
  const { instances } = body;
  if (!Array.isArray(instances) || instances.length === 0 || instances.length > MAX_INSTANCES) {
    throw new InvalidRequestError(
      `instances must be a list of 1 to ${MAX_INSTANCES} rows, got ${Array.isArray(instances) ? instances.length : showValue(instances)}`,
    );
  }
  return { rows: instances.map((row, i) => readRow(row, online, () => placeOf(false, i))), single: false };
};

type PlaceOfRow = (row: number) => string;

const refuseKeys = ({ inputs }: ModelSignature, features: JsonObject, where: string): never => {
  const missing = inputs.filter(({ name }) => !Object.hasOwn(features, name)).map(({ name }) => name);
  if (missing.length > 0) throw new InvalidRequestError(`${where} lacks ${missing.join(', ')}`);
  refuseUnknownKeys(
    features,
    inputs.map(({ name }) => name),
    where,
  );
  throw new InvalidRequestError(`${where} must have each feature once`);
};

/** A cell that is not plainly right: missing, null where it may be, or wrong. */
const oddCell = (signature: ModelSignature, input: ModelInput, features: JsonObject, where: string): FeatureValue => {
  if (!Object.hasOwn(features, input.name)) return refuseKeys(signature, features, where);
  return checkFeatureValue(input, features[input.name], `${where}.${input.name}`);
};

const numberColumn = (
  signature: ModelSignature,
  input: ModelInput,
  rows: readonly JsonObject[],
  placeOfRow: PlaceOfRow,
): Float32Array => {
  const { name } = input;
  const column = new Float32Array(rows.length);
  for (let row = 0; row < rows.length; row += 1) {
    const features = rows[row] as JsonObject;
    const cell = features[name];
    column[row] =
      typeof cell === 'number' && Math.abs(cell) <= FLOAT32_MAX
        ? cell
        : ((oddCell(signature, input, features, placeOfRow(row)) as number | null) ?? Number.NaN);
  }
  return column;
};

/**
 * Rows by feature name as one tensor of shape [rows, 1] for each input. A missing value is NaN or empty text.
 * @param inputs the signature's, in the order in which the model takes them.
 * @param placeOfRow how a message names a row's features.
 * @throws InvalidRequestError
 */
export const featureTensors = (
  signature: ModelSignature,
  inputs: readonly ModelInput[],
  rows: readonly JsonObject[],
  placeOfRow: PlaceOfRow,
): readonly Tensor[] => {
  for (let row = 0; row < rows.length; row += 1) {
    const features = rows[row] as JsonObject;
    if (Object.keys(features).length !== inputs.length) refuseKeys(signature, features, placeOfRow(row));
  }
  const shape = [rows.length, 1];
  return inputs.map((input) => ({
    name: input.name,
    datatype: input.datatype,
    shape,
    data:
      input.datatype === 'FP32'
        ? numberColumn(signature, input, rows, placeOfRow)
        : rows.map((row, i) => (oddCell(signature, input, row, placeOfRow(i)) as string | null) ?? ''),
  }));
};
