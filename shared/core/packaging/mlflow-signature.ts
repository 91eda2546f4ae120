import { InvalidRequestError } from '../../kernel/errors.ts';

/** A model's tensors as MLflow's `MLmodel` file has them: https://mlflow.org/docs/latest/ml/model/signatures. */

export interface NamedTensor {
  readonly name: string;
  readonly datatype: 'FP32' | 'BYTES';
  readonly shape: readonly number[];
}

/** NumPy's types. Text is `object`: that is what ONNX Runtime takes in Python. */
const DTYPES = { FP32: 'float32', BYTES: 'object' } as const;

/** Tensors, not columns: a graph that takes [-1, 1] refuses the plain vector that a column would be. */
export const mlflowSchema = (tensors: readonly NamedTensor[]): string =>
  JSON.stringify(
    tensors.map(({ name, datatype, shape }) => ({
      name,
      type: 'tensor',
      'tensor-spec': { dtype: DTYPES[datatype], shape },
    })),
  );

/** One column or tensor of a schema that an MLflow client logged, as far as it can be held against a graph. */
export interface SchemaField {
  readonly name?: string;
  /** Every number is one kind: MLflow's clients and ours convert between them. */
  readonly kind: 'number' | 'text' | 'other';
  /** MLflow's or NumPy's name of the type. */
  readonly type: string;
  /** Of a tensor; -1 is any size. */
  readonly shape?: readonly number[];
}

const MOST_FIELDS = 10_000;
const NUMBERS = /^(u?int(8|16|32|64)|float(16|32|64)|integer|long|float|double)$/;
const TEXTS = /^(object|str|string|[<>=|]?U\d*)$/;

const kindOf = (type: string): SchemaField['kind'] => {
  if (NUMBERS.test(type)) return 'number';
  return TEXTS.test(type) ? 'text' : 'other';
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const readField = (field: unknown): SchemaField => {
  if (!isRecord(field) || typeof field.type !== 'string') throw new InvalidRequestError('a field has no type');
  const name = typeof field.name === 'string' ? { name: field.name } : {};
  if (field.type !== 'tensor') return { ...name, kind: kindOf(field.type), type: field.type };
  const tensor = field['tensor-spec'];
  if (!isRecord(tensor) || typeof tensor.dtype !== 'string' || !Array.isArray(tensor.shape)) {
    throw new InvalidRequestError('a tensor has no dtype and shape');
  }
  const shape = tensor.shape.map(Number);
  if (!shape.every(Number.isInteger)) throw new InvalidRequestError('the shape of a tensor must hold whole numbers');
  return { ...name, kind: kindOf(tensor.dtype), type: tensor.dtype, shape };
};

/** The fields of a schema's JSON: columns or tensors. @throws InvalidRequestError */
export const readMlflowSchema = (json: string): readonly SchemaField[] => {
  let fields: unknown;
  try {
    fields = JSON.parse(json);
  } catch (cause) {
    throw new InvalidRequestError('it is no JSON', { cause });
  }
  if (!Array.isArray(fields) || fields.length === 0 || fields.length > MOST_FIELDS) {
    throw new InvalidRequestError(`it must be a list of 1 to ${MOST_FIELDS} fields`);
  }
  return fields.map(readField);
};
