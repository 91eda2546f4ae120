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

/** Rows of one run: what a run makes besides stays within memory, and within what the interpreter allows. */
const ROWS_PER_RUN = 65_536;

type Columns = Readonly<Record<string, Float32Array | readonly string[]>>;

const rowsOf = (inputs: Columns, from: number, to: number): Columns =>
  Object.fromEntries(
    Object.entries(inputs).map(([name, values]) => [
      name,
      values instanceof Float32Array ? values.subarray(from, to) : values.slice(from, to),
    ]),
  );

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
    const predictions = new Float32Array(table.rowCount);
    for (let from = 0; from < table.rowCount; from += ROWS_PER_RUN) {
      const to = Math.min(from + ROWS_PER_RUN, table.rowCount);
      predictions.set(await loaded.predict(rowsOf(inputs, from, to), to - from), from);
    }
    const wrongIndex = predictions.findIndex((prediction) => !Number.isFinite(prediction));
    if (wrongIndex !== -1) {
      throw new InvalidRequestError(`the model answers ${predictions[wrongIndex]} to row ${wrongIndex} of the table`);
    }
    return predictions;
  } finally {
    await loaded.release();
  }
};
