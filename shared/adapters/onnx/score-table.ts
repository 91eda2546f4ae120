import type { Signature } from '../../contracts/artifacts.ts';
import { InvalidRequestError } from '../../kernel/errors.ts';
import type { ModelRuntime } from '../../ports/model-runtime.ts';
import type { TrainingTable } from '../../ports/training-table.ts';

const inputOf = (
  { name, datatype }: Signature['inputs'][number],
  table: TrainingTable,
): Float32Array | readonly string[] => {
  const values = table.columns.get(name);
  const isNumeric = values instanceof Float64Array;
  if (values === undefined || isNumeric !== (datatype === 'FP32')) {
    throw new InvalidRequestError(
      `input ${name} is ${datatype}, the table has ${values === undefined ? 'none' : isNumeric ? 'numbers' : 'text'}`,
    );
  }
  return isNumeric ? Float32Array.from(values) : values;
};

/**
 * A model's answer to every row of a table.
 * @throws InvalidRequestError when the model does not fit the table, or answers with something that is no number.
 */
export const scoreTable = async (
  runtime: ModelRuntime,
  model: { readonly bytes: Uint8Array; readonly signature: Signature },
  table: TrainingTable,
): Promise<Float32Array> => {
  const inputs = Object.fromEntries(model.signature.inputs.map((input) => [input.name, inputOf(input, table)]));
  const loaded = await runtime.load(model.bytes);
  try {
    const predictions = await loaded.predict(inputs, table.rowCount);
    const wrongIndex = predictions.findIndex((prediction) => !Number.isFinite(prediction));
    if (wrongIndex !== -1) {
      throw new InvalidRequestError(`the model answers ${predictions[wrongIndex]} to row ${wrongIndex} of the table`);
    }
    return predictions;
  } finally {
    await loaded.release();
  }
};
