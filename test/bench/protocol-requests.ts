import { createInferenceApi, type InferenceRequest, type ServableModel } from '../../shared/core/inference/index.ts';
import { createTestHost, inferenceRequest } from '../helpers/inference-models.ts';
import type { BenchRow } from './bench-row.ts';

/** What the rows about the protocol share: an inference request over 14 features, to a model that costs nothing. */

const FEATURES = Array.from({ length: 14 }, (_, i) => `feature_number_${i}`);
const REQUESTS = 2_000;

const inputs = FEATURES.map((name) => ({ name, datatype: 'FP32', shape: [-1, 1], nullable: true }) as const);
const outputs = [{ name: 'probability', datatype: 'FP32', shape: [-1, 1] }] as const;

const modelOf = (rowCount: number): ServableModel => {
  const probabilities = Float32Array.from({ length: rowCount }, (_, row) => (row + 1) / (rowCount + 2));
  const answer = [{ name: 'probability', datatype: 'FP32', shape: [rowCount, 1], data: probabilities }] as const;
  const signature = { task: 'binary-classification', inputs, outputs } as const;
  return { name: 'flights', version: '3', inputs, outputs, signature, run: () => answer };
};

const requestOf = (rowCount: number): InferenceRequest => {
  const cells = (feature: number) =>
    Array.from({ length: rowCount }, (_, row) => Math.round(Math.sin(feature * 31 + row) * 100_000) / 100);
  const tensors = FEATURES.map((name, i) => ({ name, shape: [rowCount, 1], datatype: 'FP32', data: cells(i) }));
  return inferenceRequest({ path: '/v2/models/flights/infer', body: { inputs: tensors } });
};

/** Of the processor, so that other work on the machine counts less. */
const microsOf = (work: () => unknown): number => {
  const before = process.cpuUsage();
  for (let i = 0; i < REQUESTS; i += 1) work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / REQUESTS;
};

/** From a request to its answer, the model left out, beside what no JSON protocol in this language can leave out. */
export const protocolRow = (rowCount: number): BenchRow => ({
  name: `serving/protocol/b${rowCount}`,
  unit: 'µs CPU/request',
  betterIs: 'lower',
  baselineName: 'JSON.parse of the body alone',
  prepare: async () => {
    const host = createTestHost({ capture: () => undefined }, [modelOf(rowCount)]);
    const api = createInferenceApi(host, { maxBodyBytes: 1_000_000 });
    const request = requestOf(rowCount);
    const answer = await api(request);
    if (answer.status !== 200) throw new Error(`the request was answered ${answer.status}: ${answer.body}`);
    const parse = (): unknown => JSON.parse(request.body as string);
    for (const work of [() => api(request), parse]) for (let i = 0; i < 3; i += 1) microsOf(work);
    return { value: async () => microsOf(() => api(request)), baseline: async () => microsOf(parse) };
  },
});
