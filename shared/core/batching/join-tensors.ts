import type { Tensor, TensorData, TensorSpec } from '../inference/index.ts';

/** Whether requests may run together: every input and output has rows, in a first dimension that may vary. */
export const batchable = (model: {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}): boolean => [...model.inputs, ...model.outputs].every(({ shape }) => shape[0] === -1);

/** The rows of a request, if its inputs agree on them. */
export const rowCountOf = (inputs: readonly Tensor[]): number | undefined => {
  const rowCount = inputs[0]?.shape[0];
  return rowCount !== undefined && inputs.every(({ shape }) => shape[0] === rowCount) ? rowCount : undefined;
};

/** Requests with the same text may run together: all dimensions but the first are alike, and what is asked for. */
export const batchKey = (inputs: readonly Tensor[], outputNames?: readonly string[]): string =>
  `${inputs.map(({ shape }) => shape.slice(1).join('x')).join(';')}|${outputNames?.join('\n') ?? ''}`;

const joined = (parts: readonly TensorData[]): TensorData => {
  const [first] = parts;
  if (first === undefined || Array.isArray(first)) return parts.flatMap((part) => part as readonly string[]);
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const whole = new (first.constructor as new (length: number) => Uint8Array)(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part as Uint8Array, at);
    at += part.length;
  }
  return whole;
};

/** Inputs of several requests as the inputs of one, row after row. They have one batch key. */
export const joinInputs = (requests: readonly (readonly Tensor[])[]): readonly Tensor[] => {
  const [first = []] = requests;
  if (requests.length === 1) return first;
  return first.map((tensor, i) => {
    const parts = requests.map((inputs) => inputs[i] ?? tensor);
    const rowCount = parts.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0);
    return { ...tensor, shape: [rowCount, ...tensor.shape.slice(1)], data: joined(parts.map(({ data }) => data)) };
  });
};

/**
 * Each request's rows of the outputs.
 * @returns undefined where an output has not the rows that went in: the model mixes rows, and must not be batched.
 */
export const splitOutputs = (
  outputs: readonly Tensor[],
  rowCounts: readonly number[],
): readonly (readonly Tensor[])[] | undefined => {
  const total = rowCounts.reduce((sum, count) => sum + count, 0);
  if (outputs.some(({ shape }) => shape[0] !== total)) return undefined;
  let from = 0;
  return rowCounts.map((rowCount) => {
    const start = from;
    from += rowCount;
    return outputs.map((output) => {
      const width = output.data.length / Math.max(1, total);
      // A copy: a view would keep the whole batch's buffer for as long as one caller holds its rows.
      const data = output.data.slice(start * width, from * width) as TensorData;
      return { ...output, shape: [rowCount, ...output.shape.slice(1)], data };
    });
  });
};
