export { EXPOSITION_TYPE, writeExposition } from './exposition.ts';
export {
  count,
  createMetrics,
  type MetricFamily,
  type MetricSnapshot,
  type Metrics,
  observe,
  type Series,
  sumSnapshots,
} from './metrics.ts';
export { SECONDS_BOUNDS, SERVING_FAMILIES } from './serving-families.ts';
