import { open } from 'node:fs/promises';
import { partRowsSql, type ScoringPart } from '../../shared/core/batch-scoring/index.ts';
import { assert } from '../../shared/kernel/assert.ts';
import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import type { TableEngine } from '../../shared/ports/table-engine.ts';
import type { OpenedModel } from './open-model.ts';

/** Rows that the model is asked about at once. */
const CHUNK_ROWS = 8_192;

const columnsOf = (
  found: ReadonlyMap<string, Float64Array | readonly string[]>,
  inputs: OpenedModel['inputs'],
): Record<string, Float32Array | readonly string[]> =>
  Object.fromEntries(
    inputs.map(({ name }, i) => {
      const values = found.get(`input_${i}`);
      assert(values !== undefined, `input ${name} was selected`);
      return [name, values instanceof Float64Array ? Float32Array.from(values) : values];
    }),
  );

/**
 * Asks the model about every row of the table `part` and writes `row,prediction` lines, chunk by chunk. A number's
 * shortest decimal reads back as the same FP32.
 * @throws InvalidRequestError when the model answers with something that is no number.
 */
export const writePredictions = async (
  engine: TableEngine,
  { loaded, inputs }: OpenedModel,
  { part, file }: { readonly part: ScoringPart; readonly file: string },
): Promise<void> => {
  const toRow = part.fromRow + part.rowCount;
  const lines = await open(file, 'w');
  try {
    for (let fromRow = part.fromRow; fromRow < toRow; fromRow += CHUNK_ROWS) {
      const rowCount = Math.min(CHUNK_ROWS, toRow - fromRow);
      const found = await engine.columns(partRowsSql(inputs, fromRow, fromRow + rowCount));
      const predictions = await loaded.predict(columnsOf(found, inputs), rowCount);
      const wrong = predictions.findIndex((prediction) => !Number.isFinite(prediction));
      if (wrong !== -1) {
        throw new InvalidRequestError(
          `the model answers ${predictions[wrong]} to row ${fromRow + wrong} of ${part.key}, which is no number`,
        );
      }
      await lines.write(Array.from(predictions, (prediction, i) => `${fromRow + i},${prediction}\n`).join(''));
    }
  } finally {
    await lines.close();
  }
};
