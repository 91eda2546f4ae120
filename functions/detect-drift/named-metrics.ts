import { METRIC_NAMES } from '../../shared/contracts/metric-names.ts';
import type { DriftMetrics } from '../../shared/core/monitoring/index.ts';

/** The report's numbers under the names that alarms and dashboards read; what is not known is not published. */
export const namedMetrics = (metrics: DriftMetrics): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(metrics).map(([key, value]) => [METRIC_NAMES[key as keyof DriftMetrics], value as number]),
  );
