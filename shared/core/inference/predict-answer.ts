import { JSON_HEADERS } from './infer-answer.ts';
import type { InferenceAnswer, RowExplanation } from './inference-host.ts';
import type { ModelPlan } from './model-plan.ts';
import { shortestFloat32 } from './shortest-decimal.ts';
import type { Tensor } from './tensor.ts';

/** The answer of `POST /models/{model}/predict`: the row's id and output, or a list of them under `predictions`. */
export const predictAnswer = (
  { predictHead, outputKeys }: ModelPlan,
  outputs: readonly Tensor[],
  predictionIds: readonly string[],
  single: boolean,
  explanations?: readonly RowExplanation[],
): InferenceAnswer => {
  const values = outputs.map(({ data }, i) => ({ key: outputKeys[i], data: data as Float32Array }));
  const fieldsOf = (row: number): string =>
    values.reduce(
      (text, { key, data }) => `${text},${key}:${shortestFloat32(data[row] as number)}`,
      `"predictionId":"${predictionIds[row]}"`,
    ) + (explanations === undefined ? '' : `,"explanation":${JSON.stringify(explanations[row])}`);
  const body = single
    ? `${predictHead},${fieldsOf(0)}}`
    : `${predictHead},"predictions":[${predictionIds.map((_, row) => `{${fieldsOf(row)}}`).join(',')}]}`;
  return { status: 200, headers: JSON_HEADERS, body };
};
