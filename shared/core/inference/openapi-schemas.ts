import type { ServableModel } from './inference-host.ts';
import { MAX_INSTANCES } from './predict-request.ts';
import type { ModelInput } from './signature.ts';
import { DATATYPES, type TensorSpec } from './tensor.ts';

/** The JSON Schemas (2020-12) of a model's requests and answers, as its OpenAPI description names them. */

type Schemas = Readonly<Record<string, object>>;

const TEXT = { type: 'string' };
const SHAPE = { type: 'array', items: { type: 'integer', minimum: 0 } };
const PARAMETERS = { type: 'object' };

const listOf = (items: object): object => ({ type: 'array', items });
const objectOf = (properties: object, required: readonly string[]): object => ({
  type: 'object',
  required,
  properties,
});

const featureSchema = ({ datatype, nullable }: ModelInput): object => {
  const type = datatype === 'FP32' ? 'number' : 'string';
  return { type: nullable ? [type, 'null'] : type, ...(datatype === 'FP32' ? {} : { maxLength: 4_096 }) };
};

const byName = <T extends { readonly name: string }>(
  specs: readonly T[],
  schemaOf: (spec: T) => object,
): Readonly<Record<string, object>> => Object.fromEntries(specs.map((spec) => [spec.name, schemaOf(spec)]));

const TEXT_OR_NUMBER = { type: ['string', 'number'] };

/** Features that the row leaves out are found by these. */
const onlineFields = (online: ServableModel['online']): object => {
  const fieldsOf = (names: readonly string[]) => ({
    ...objectOf(Object.fromEntries(names.map((name) => [name, TEXT_OR_NUMBER])), []),
    additionalProperties: false,
  });
  return online === undefined ? {} : { entities: fieldsOf(online.entities), values: fieldsOf(online.values) };
};

/** Given where it is asked for by `?explain=true`. */
const explanationSchema = (names: readonly string[]): object => {
  const numbers = (description: string) => ({
    description,
    ...objectOf(Object.fromEntries(names.map((name) => [name, { type: 'number' }])), []),
  });
  return objectOf(
    {
      method: { enum: ['tree-path-dependent', 'tree-interventional', 'kernel'] },
      baseline: { type: 'number', description: 'The margin when nothing is known of the row' },
      margin: { type: 'number', description: 'Log-odds of a probability, or the value: baseline and contributions' },
      contributions: numbers('What each feature adds to the baseline'),
      errors: numbers('Of sampled contributions: half the width of each 95 % interval'),
      counterfactual: {
        description: 'Changes by which the prediction crosses the limit; null where none were found',
        type: ['object', 'null'],
      },
    },
    ['method', 'baseline', 'margin', 'contributions'],
  );
};

export const predictSchemas = ({ signature, outputs, online }: ServableModel): Schemas => {
  const inputs = signature?.inputs ?? [];
  const names = inputs.map(({ name }) => name);
  const row = { $ref: '#/components/schemas/PredictRow' };
  const explanation = { $ref: '#/components/schemas/Explanation' };
  const prediction = objectOf({ predictionId: TEXT, ...byName(outputs, () => ({ type: 'number' })), explanation }, [
    'predictionId',
    ...outputs.map(({ name }) => name),
  ]);
  const head = { model: TEXT, version: { type: ['integer', 'string'] } };
  return {
    Features: {
      ...objectOf(byName(inputs, featureSchema), online === undefined ? names : []),
      additionalProperties: false,
    },
    PredictRow: {
      ...objectOf(
        { features: { $ref: '#/components/schemas/Features' }, predictionId: TEXT, ...onlineFields(online) },
        online === undefined ? ['features'] : [],
      ),
      additionalProperties: false,
    },
    PredictRequest: {
      oneOf: [
        row,
        {
          ...objectOf({ instances: { ...listOf(row), minItems: 1, maxItems: MAX_INSTANCES } }, ['instances']),
          additionalProperties: false,
        },
      ],
    },
    Explanation: explanationSchema(names),
    PredictResponse: {
      ...objectOf(head, ['model', 'version']),
      oneOf: [prediction, objectOf({ predictions: listOf(prediction) }, ['predictions'])],
    },
  };
};

const tensorSchema = (specs: readonly TensorSpec[], required: readonly string[]): object => ({
  oneOf: specs.map(({ name, datatype, shape }) => ({
    description: `of shape [${shape.join(', ')}]${shape.includes(-1) ? ', where -1 is any length' : ''}`,
    ...objectOf(
      {
        name: { const: name },
        datatype: { const: datatype },
        shape: SHAPE,
        data: { type: 'array' },
        parameters: PARAMETERS,
      },
      required,
    ),
  })),
});

export const inferSchemas = ({ inputs, outputs }: ServableModel): Schemas => {
  const spec = objectOf(
    { name: TEXT, datatype: { enum: DATATYPES }, shape: listOf({ type: 'integer', minimum: -1 }) },
    ['name', 'datatype', 'shape'],
  );
  const wanted = objectOf({ name: { enum: outputs.map(({ name }) => name) }, parameters: PARAMETERS }, ['name']);
  return {
    InferRequest: objectOf(
      {
        id: TEXT,
        parameters: PARAMETERS,
        inputs: {
          ...listOf(tensorSchema(inputs, ['name', 'datatype', 'shape'])),
          minItems: inputs.length,
          maxItems: inputs.length,
        },
        outputs: listOf(wanted),
      },
      ['inputs'],
    ),
    InferResponse: objectOf(
      {
        model_name: TEXT,
        model_version: TEXT,
        id: TEXT,
        parameters: PARAMETERS,
        outputs: listOf(tensorSchema(outputs, ['name', 'datatype', 'shape'])),
      },
      ['model_name', 'model_version', 'outputs'],
    ),
    ModelMetadata: objectOf(
      { name: TEXT, versions: listOf(TEXT), platform: TEXT, inputs: listOf(spec), outputs: listOf(spec) },
      ['name', 'versions', 'platform', 'inputs', 'outputs'],
    ),
    ModelReady: objectOf({ name: TEXT, ready: { type: 'boolean' } }, ['name', 'ready']),
  };
};

export const invocationSchemas = ({ outputs }: ServableModel): Schemas => {
  const names = outputs.map(({ name }) => name);
  const split = objectOf({ columns: listOf(TEXT), data: listOf({ type: 'array' }), index: { type: 'array' } }, [
    'columns',
    'data',
  ]);
  const outputsByName = objectOf(
    byName(outputs, () => ({})),
    names,
  );
  return {
    Invocation: {
      oneOf: [
        objectOf({ dataframe_split: split }, ['dataframe_split']),
        objectOf({ dataframe_records: listOf({ type: 'object' }) }, ['dataframe_records']),
        objectOf({ instances: { type: 'array' } }, ['instances']),
        objectOf({ inputs: { type: ['array', 'object'] } }, ['inputs']),
      ],
    },
    InvocationAnswer: objectOf({ predictions: { oneOf: [listOf(outputsByName), outputsByName] } }, ['predictions']),
  };
};
