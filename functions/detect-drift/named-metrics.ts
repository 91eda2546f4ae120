import { METRIC_NAMES } from '../../shared/contracts/metric-names.ts';
import type { DriftMetrics } from '../../shared/core/monitoring/index.ts';

const isPublished = (key: string): key is keyof typeof METRIC_NAMES => Object.hasOwn(METRIC_NAMES, key);

/** The report's numbers under the names that alarms and dashboards read; what is not known is not published. */
export const namedMetrics = (metrics: DriftMetrics): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(metrics).flatMap(([key, value]) => (isPublished(key) ? [[METRIC_NAMES[key], value as number]] : [])),
  );
