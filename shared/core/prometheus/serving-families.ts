import type { MetricFamily } from './metrics.ts';

/** What dashboards for KServe and Triton read, by their names, and what only this server has. */

/** Seconds, upper bounds: prometheus_client's, which KServe uses, and finer ones below 5 ms. */
export const SECONDS_BOUNDS = [
  0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
] as const;

const ofModel = (name: string, help: string): MetricFamily => ({
  name,
  kind: 'counter',
  help,
  labels: ['model', 'version'],
});
const seconds = (name: string, help: string): MetricFamily => ({
  name,
  kind: 'histogram',
  help,
  labels: ['model_name'],
  bounds: SECONDS_BOUNDS,
});
const gauge = (name: string, help: string, labels: readonly string[] = []): MetricFamily => ({
  name,
  kind: 'gauge',
  help,
  labels,
});

export const SERVING_FAMILIES = [
  seconds('request_preprocess_seconds', 'From the whole request to the call of the model'),
  seconds('request_predict_seconds', 'Of the model, its queue included'),
  seconds('request_postprocess_seconds', 'From the answer of the model to the whole answer'),
  ofModel('nv_inference_request_success', 'Inference requests that were answered'),
  ofModel('nv_inference_request_failure', 'Inference requests that reached a model and were not answered'),
  ofModel('nv_inference_count', 'Rows that were inferred'),
  ofModel('nv_inference_exec_count', 'Runs of the model, each of one batch'),
  ofModel('nv_inference_request_duration_us', 'Of requests from their first to their last step, microseconds'),
  ofModel('nv_inference_queue_duration_us', 'That requests waited for their batch, microseconds'),
  ofModel('nv_inference_compute_input_duration_us', 'Of reading requests, microseconds'),
  ofModel('nv_inference_compute_infer_duration_us', 'Of runs, counted for each request in them, microseconds'),
  ofModel('nv_inference_compute_output_duration_us', 'Of writing answers, microseconds'),
  gauge('nv_inference_pending_request_count', 'Inference requests that wait for the model', ['model', 'version']),
  { name: 'millrace_http_requests', kind: 'counter', help: 'Answers by status', labels: ['status'] },
  gauge('millrace_http_requests_in_flight', 'Requests that are being read or answered'),
  gauge('millrace_http_bytes_in_flight', 'Bytes of requests that are being read or answered, and of unread answers'),
  gauge('millrace_models_resident', 'Models in memory, copies included'),
  gauge('millrace_models_resident_bytes', 'Bytes of the models in memory, as measured when they were loaded'),
  gauge('millrace_models_budget_bytes', 'Most that models may take, loads in flight included'),
  { name: 'millrace_model_loads', kind: 'counter', help: 'Loads of models by outcome', labels: ['outcome'] },
  { name: 'millrace_model_evictions', kind: 'counter', help: 'Models that left the memory', labels: [] },
  gauge('process_resident_memory_bytes', 'Resident memory of the process'),
] as const satisfies readonly MetricFamily[];
