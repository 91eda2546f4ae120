import { InvalidRequestError } from '../../kernel/errors.ts';
import { showValue } from '../../kernel/show-value.ts';
import { checkFeatureValue, FLOAT32_MAX, MAX_TEXT_LENGTH } from './feature-value.ts';
import { MAX_INSTANCES } from './predict-request.ts';
import type { ModelInput } from './signature.ts';
import type { TensorData } from './tensor.ts';

/** Inputs that are features: one value a row, checked against the signature. A missing value is NaN or empty text. */

/** @returns the rows, 1 to 500. @throws InvalidRequestError */
export const readFeatureShape = (shape: unknown, where: string): number => {
  const rowCount: unknown =
    Array.isArray(shape) && (shape.length === 1 || (shape.length === 2 && shape[1] === 1)) ? shape[0] : undefined;
  if (typeof rowCount === 'number' && Number.isInteger(rowCount) && rowCount >= 1 && rowCount <= MAX_INSTANCES) {
    return rowCount;
  }
  throw new InvalidRequestError(
    `${where} must have shape [rows] or [rows, 1] with 1 to ${MAX_INSTANCES} rows, got ${showValue(shape)}`,
  );
};

const readNumbers = (feature: ModelInput, cells: readonly unknown[], where: string): Float32Array => {
  const values = new Float32Array(cells.length);
  for (let row = 0; row < cells.length; row += 1) {
    const cell = cells[row];
    values[row] =
      typeof cell === 'number' && Math.abs(cell) <= FLOAT32_MAX
        ? cell
        : ((checkFeatureValue(feature, cell, `${where}, row ${row},`) as number | null) ?? Number.NaN);
  }
  return values;
};

const readTexts = (feature: ModelInput, cells: readonly unknown[], where: string): readonly string[] =>
  cells.map((cell, row) => (checkFeatureValue(feature, cell, `${where}, row ${row},`) as string | null) ?? '');

const cellOf = (cell: unknown): unknown => (Array.isArray(cell) && cell.length === 1 ? cell[0] : cell);

/** A feature's `data`: flat, or nested by row. @throws InvalidRequestError */
export const readFeatureCells = (feature: ModelInput, data: unknown, rowCount: number, where: string): TensorData => {
  if (!Array.isArray(data)) {
    throw new InvalidRequestError(`${where} must have its data as a list, got ${showValue(data)}`);
  }
  if (data.length !== rowCount) {
    throw new InvalidRequestError(`${where} has ${data.length} values for ${rowCount} rows`);
  }
  const cells = Array.isArray(data[0]) ? data.map(cellOf) : data;
  return feature.datatype === 'FP32' ? readNumbers(feature, cells, where) : readTexts(feature, cells, where);
};

/** A feature's elements as they came in binary form, where a missing number is NaN. @throws InvalidRequestError */
export const requireFeatureData = (feature: ModelInput, data: TensorData, where: string): TensorData => {
  for (let row = 0; row < data.length; row += 1) {
    const value = data[row];
    const fits =
      typeof value === 'string'
        ? value.length <= MAX_TEXT_LENGTH
        : Number.isFinite(value) || (feature.nullable && Number.isNaN(value));
    if (!fits) checkFeatureValue(feature, value, `${where}, row ${row},`);
  }
  return data;
};
