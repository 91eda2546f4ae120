/** Below this share of the largest entry a pivot is rounding. */
const LEAST_PIVOT = 1e-12;

/**
 * Solves equations of one symmetric, positive definite matrix by Cholesky's factors.
 * @param matrix row by row.
 * @returns undefined for a matrix that is not positive definite.
 */
export const choleskySolver = (
  matrix: Float64Array,
  size: number,
): ((right: Float64Array) => Float64Array) | undefined => {
  const lower = new Float64Array(size * size);
  const largest = matrix.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const at = (row: number, column: number): number => lower[row * size + column] as number;
  for (let row = 0; row < size; row++) {
    for (let column = 0; column <= row; column++) {
      let sum = matrix[row * size + column] as number;
      for (let k = 0; k < column; k++) sum -= at(row, k) * at(column, k);
      if (row !== column) lower[row * size + column] = sum / at(column, column);
      else if (sum <= LEAST_PIVOT * largest) return undefined;
      else lower[row * size + row] = Math.sqrt(sum);
    }
  }
  return (right) => {
    const solution = Float64Array.from(right);
    for (let row = 0; row < size; row++) {
      let sum = solution[row] as number;
      for (let k = 0; k < row; k++) sum -= at(row, k) * (solution[k] as number);
      solution[row] = sum / at(row, row);
    }
    for (let row = size - 1; row >= 0; row--) {
      let sum = solution[row] as number;
      for (let k = row + 1; k < size; k++) sum -= at(k, row) * (solution[k] as number);
      solution[row] = sum / at(row, row);
    }
    return solution;
  };
};
