import { JSON_HEADERS } from './infer-answer.ts';
import type { InferenceAnswer, ServableModel } from './inference-host.ts';

const json = (status: number, value: object): InferenceAnswer => ({
  status,
  headers: JSON_HEADERS,
  body: JSON.stringify(value),
});

/** `GET /v2`, with the extensions that the protocol core speaks. */
export const serverMetadata = (name: string, version: string): InferenceAnswer =>
  json(200, { name, version, extensions: ['binary_tensor_data'] });

/** `GET /v2/health/live` and `…/ready`: KServe's client reads `ready` from both. */
export const serverHealth = (ready: boolean): InferenceAnswer => json(ready ? 200 : 503, { ready, live: true });

/** `GET /v2/health/live`: a server that answers lives, whether it is ready or not. */
export const serverLive = (): InferenceAnswer => json(200, { ready: true, live: true });

/** `GET /v2/models/{model}`. */
export const modelMetadata = ({ name, version, inputs, outputs }: ServableModel): InferenceAnswer => {
  const tensorOf = ({ name: tensor, datatype, shape }: ServableModel['inputs'][number]) => ({
    name: tensor,
    datatype,
    shape,
  });
  return json(200, {
    name,
    versions: [version],
    platform: 'onnx_onnxv1',
    inputs: inputs.map(tensorOf),
    outputs: outputs.map(tensorOf),
  });
};

/** `GET /v2/models/{model}/ready`, which clients of the protocol read by its status. */
export const modelReady = (name: string, ready: boolean): InferenceAnswer =>
  json(ready ? 200 : 503, ready ? { name, ready } : { name, ready, error: `model ${name} is not ready` });
