import { METRIC_NAMESPACE, MODEL_DIMENSION, modelDimensionValue } from './metric-names.ts';

/**
 * One log line in CloudWatch's embedded metric format, which CloudWatch Logs turns into metrics:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 * The time of the metrics is the time of publishing; `properties` stand in the log only and cost nothing.
 */
export const embeddedMetrics = (line: {
  readonly stage: string;
  readonly model: string;
  readonly atMs: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly properties?: Readonly<Record<string, unknown>>;
}): string =>
  JSON.stringify({
    ...line.properties,
    _aws: {
      Timestamp: line.atMs,
      CloudWatchMetrics: [
        {
          Namespace: METRIC_NAMESPACE,
          Dimensions: [[MODEL_DIMENSION]],
          Metrics: Object.keys(line.metrics).map((Name) => ({ Name })),
        },
      ],
    },
    [MODEL_DIMENSION]: modelDimensionValue(line.stage, line.model),
    ...line.metrics,
  });
