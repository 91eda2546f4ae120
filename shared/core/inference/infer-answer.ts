import { writeBinary } from './binary-tensor.ts';
import { HEADER_LENGTH } from './infer-body.ts';
import type { InferRequest } from './infer-request.ts';
import type { InferenceAnswer } from './inference-host.ts';
import type { ModelPlan } from './model-plan.ts';
import { printElements } from './print-tensor.ts';
import type { Tensor } from './tensor.ts';

export const JSON_HEADERS = { 'content-type': 'application/json' } as const;

const utf8 = new TextEncoder();

const outputHead = ({ name, shape, datatype }: Tensor): string =>
  `{"name":${JSON.stringify(name)},"shape":[${shape.join(',')}],"datatype":"${datatype}"`;

const headOf = ({ inferHead }: ModelPlan, id: string | undefined, predictionIds: readonly string[]): string => {
  const echo = id === undefined ? '' : `,"id":${JSON.stringify(id)}`;
  const ids = predictionIds.length === 0 ? '' : `,"parameters":{"prediction_ids":"${predictionIds.join(',')}"}`;
  return `${inferHead}${echo}${ids},"outputs":[`;
};

/** JSON with the raw tensors behind it, in the order of the outputs. */
const joined = (json: string, raw: readonly Uint8Array[]): InferenceAnswer => {
  const head = utf8.encode(json);
  const body = new Uint8Array(raw.reduce((size, { length }) => size + length, head.length));
  body.set(head);
  let at = head.length;
  for (const bytes of raw) {
    body.set(bytes, at);
    at += bytes.length;
  }
  const headers = { 'content-type': 'application/octet-stream', [HEADER_LENGTH]: String(head.length) };
  return { status: 200, headers, body };
};

/**
 * The answer of `POST /v2/models/{model}/infer`.
 * @param predictionIds free of characters that JSON would escape; none for a model that is captured without values.
 */
export const inferAnswer = (
  plan: ModelPlan,
  { id, outputs: wanted, binaryOutputs }: Pick<InferRequest, 'id' | 'outputs' | 'binaryOutputs'>,
  outputs: readonly Tensor[],
  predictionIds: readonly string[],
): InferenceAnswer => {
  const raw: Uint8Array[] = [];
  const printed = outputs.map((output, i) => {
    if (!(wanted?.[i]?.binary ?? binaryOutputs)) return `${outputHead(output)},"data":${printElements(output)}}`;
    const bytes = writeBinary(output);
    raw.push(bytes);
    return `${outputHead(output)},"parameters":{"binary_data_size":${bytes.length}}}`;
  });
  const json = `${headOf(plan, id, predictionIds)}${printed.join(',')}]}`;
  return raw.length === 0 ? { status: 200, headers: JSON_HEADERS, body: json } : joined(json, raw);
};
