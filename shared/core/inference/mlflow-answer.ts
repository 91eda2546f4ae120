import { JSON_HEADERS } from './infer-answer.ts';
import type { InferenceAnswer } from './inference-host.ts';
import type { ModelPlan } from './model-plan.ts';
import { printElementList } from './print-tensor.ts';
import type { Tensor } from './tensor.ts';

/** The printed elements in lists as the shape says. */
const nested = (printed: readonly string[], shape: readonly number[], axis = 0, at = 0): string => {
  if (axis >= shape.length) return printed[at] ?? 'null';
  const length = shape[axis] ?? 0;
  const step = shape.slice(axis + 1).reduce((size, each) => size * each, 1);
  return `[${Array.from({ length }, (_, i) => nested(printed, shape, axis + 1, at + i * step)).join(',')}]`;
};

/**
 * The answer of MLflow's scoring server: of a model by feature name one record a row, as MLflow's models answer that
 * have columns in their signature, and of any other each output by its name, as those answer that have tensors there.
 */
export const mlflowAnswer = (
  { model, outputKeys, signature }: ModelPlan,
  outputs: readonly Tensor[],
): InferenceAnswer => {
  const printed = outputs.map((output) => ({
    key: outputKeys[model.outputs.findIndex(({ name }) => name === output.name)] ?? JSON.stringify(output.name),
    shape: output.shape,
    elements: printElementList(output),
  }));
  const predictions =
    signature === undefined
      ? `{${printed.map(({ key, elements, shape }) => `${key}:${nested(elements, shape)}`).join(',')}}`
      : `[${Array.from(
          { length: outputs[0]?.data.length ?? 0 },
          (_, row) => `{${printed.map(({ key, elements }) => `${key}:${elements[row]}`).join(',')}}`,
        ).join(',')}]`;
  return { status: 200, headers: JSON_HEADERS, body: `{"predictions":${predictions}}` };
};
