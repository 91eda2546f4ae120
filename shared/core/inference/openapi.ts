import { JSON_HEADERS } from './infer-answer.ts';
import type { InferenceAnswer, ServableModel } from './inference-host.ts';
import { inferExample, invocationExamples, predictExamples } from './openapi-examples.ts';
import { inferSchemas, invocationSchemas, predictSchemas } from './openapi-schemas.ts';

/** The description of a model's API that `GET /models/{model}/openapi.json` answers: OpenAPI 3.1, https://spec.openapis.org/oas/v3.1.1 */

const PROBLEM_SCHEMA = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
  },
};
const OPEN_INFERENCE_ERROR_SCHEMA = {
  type: 'object',
  required: ['error'],
  properties: { error: { type: 'string' } },
};
const MLFLOW_ERROR_SCHEMA = {
  type: 'object',
  required: ['error_code', 'message'],
  properties: { error_code: { type: 'string' }, message: { type: 'string' } },
};

const schemaRef = (name: string) => ({ $ref: `#/components/schemas/${name}` });

const answer = (description: string, schema: object, mediaType = 'application/json') => ({
  description,
  content: { [mediaType]: { schema } },
});

/** The refusals of an operation, by whose rules they are said. */
const refusals = (
  statuses: Readonly<Record<string, string>>,
  errorSchema: string,
  mediaType?: string,
): Readonly<Record<string, object>> =>
  Object.fromEntries(
    Object.entries(statuses).map(([status, what]) => [status, answer(what, schemaRef(errorSchema), mediaType)]),
  );

const NOT_SERVED = { '404': 'No such model or version', '503': 'No version can answer now' };
const BODY_REFUSED = {
  '400': 'The body is not what the model takes; the message names the place',
  '413': 'The body is too large',
  '415': 'The body has a form that is not read',
};

const body = (schema: string, examples: Readonly<Record<string, unknown>>) => ({
  required: true,
  content: {
    'application/json': {
      schema: schemaRef(schema),
      examples: Object.fromEntries(Object.entries(examples).map(([name, value]) => [name, { value }])),
    },
  },
});

const inferPaths = (model: ServableModel): object => {
  const base = `/v2/models/${encodeURIComponent(model.name)}`;
  const example = inferExample(model);
  const refused = (statuses: Readonly<Record<string, string>>) => refusals(statuses, 'OpenInferenceError');
  return {
    [base]: {
      get: {
        operationId: 'describeModel',
        summary: 'The inputs and outputs of the model',
        responses: { '200': answer('The model', schemaRef('ModelMetadata')), ...refused(NOT_SERVED) },
      },
    },
    [`${base}/ready`]: {
      get: {
        operationId: 'modelReady',
        summary: 'Whether the model can answer',
        responses: { '200': answer('It can', schemaRef('ModelReady')), ...refused(NOT_SERVED) },
      },
    },
    [`${base}/infer`]: {
      post: {
        operationId: 'infer',
        summary: 'Open Inference Protocol V2; tensors may also follow the JSON in binary form',
        requestBody: body('InferRequest', example === undefined ? {} : { tensors: example }),
        responses: {
          '200': answer('The outputs', schemaRef('InferResponse')),
          ...refused({ ...BODY_REFUSED, ...NOT_SERVED }),
        },
      },
    },
  };
};

const invocationPaths = (model: ServableModel): object => ({
  [`/models/${encodeURIComponent(model.name)}/invocations`]: {
    post: {
      operationId: 'invoke',
      summary: "As MLflow's scoring server takes it; CSV with a header is read too",
      requestBody: body('Invocation', invocationExamples(model)),
      responses: {
        '200': answer('The outputs', schemaRef('InvocationAnswer')),
        ...refusals({ ...BODY_REFUSED, ...NOT_SERVED }, 'MlflowError'),
      },
    },
  },
});

const EXPLAIN = {
  name: 'explain',
  in: 'query',
  description: 'Whether each prediction is answered with what every feature contributes to it',
  schema: { type: 'boolean', default: false },
};

const COUNTERFACTUAL = {
  name: 'counterfactual',
  in: 'query',
  description: 'With explain, of one row: the prediction that a change of few features is to cross',
  schema: { type: 'number' },
};

const predictPaths = (model: ServableModel): object => ({
  [`/models/${encodeURIComponent(model.name)}/predict`]: {
    post: {
      operationId: 'predict',
      summary: 'One row by feature name, or a list of them',
      parameters: [EXPLAIN, COUNTERFACTUAL],
      requestBody: body('PredictRequest', predictExamples(model)),
      responses: {
        '200': answer('The prediction of each row, under the id that labels are sent to', schemaRef('PredictResponse')),
        ...refusals({ ...BODY_REFUSED, ...NOT_SERVED }, 'Problem', 'application/problem+json'),
      },
    },
  },
});

export const openApiOf = (model: ServableModel): object => ({
  openapi: '3.1.0',
  info: { title: `Predictions of ${model.name}`, version: model.version },
  paths: {
    ...(model.signature === undefined ? {} : predictPaths(model)),
    ...inferPaths(model),
    ...invocationPaths(model),
  },
  components: {
    schemas: {
      ...(model.signature === undefined ? {} : { ...predictSchemas(model), Problem: PROBLEM_SCHEMA }),
      ...inferSchemas(model),
      ...invocationSchemas(model),
      OpenInferenceError: OPEN_INFERENCE_ERROR_SCHEMA,
      MlflowError: MLFLOW_ERROR_SCHEMA,
    },
  },
});

/** The answer of `GET /models/{model}/openapi.json`. */
export const openApiAnswer = (model: ServableModel): InferenceAnswer => ({
  status: 200,
  headers: JSON_HEADERS,
  body: JSON.stringify(openApiOf(model)),
});
