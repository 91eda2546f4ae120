import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import {
  EXPERIMENT_METRIC_NAMES,
  FAIRNESS_METRIC_NAMES,
  METRIC_NAMES,
  METRIC_NAMESPACE,
  MODEL_DIMENSION,
  modelDimensionValue,
} from '../../../shared/contracts/metric-names.ts';
import { inferenceFunctionName, LIVE_ALIAS } from '../../../shared/contracts/names.ts';

type Statistic = 'Sum' | 'Maximum' | 'Average' | 'p50' | 'p95' | 'p99';

interface MetricOptions {
  readonly statistic: Statistic;
  readonly period: Duration;
  readonly label?: string;
}

const customMetric = (stage: string, model: string, metricName: string, options: MetricOptions): Metric =>
  new Metric({
    namespace: METRIC_NAMESPACE,
    metricName,
    dimensionsMap: { [MODEL_DIMENSION]: modelDimensionValue(stage, model) },
    ...options,
  });

/** A custom metric of a model. */
export const modelMetric = (
  stage: string,
  model: string,
  name: keyof typeof METRIC_NAMES,
  options: MetricOptions,
): Metric => customMetric(stage, model, METRIC_NAMES[name], options);

/** A custom metric of a model's A/B experiment. */
export const experimentMetric = (
  stage: string,
  model: string,
  name: keyof typeof EXPERIMENT_METRIC_NAMES,
  options: MetricOptions,
): Metric => customMetric(stage, model, EXPERIMENT_METRIC_NAMES[name], options);

/** A custom metric of a model whose groups are compared. */
export const fairnessMetric = (
  stage: string,
  model: string,
  name: keyof typeof FAIRNESS_METRIC_NAMES,
  options: MetricOptions,
): Metric => customMetric(stage, model, FAIRNESS_METRIC_NAMES[name], options);

/** A metric of Lambda's for what the alias `live` of a model serves. */
export const liveMetric = (
  stage: string,
  model: string,
  metricName: 'Invocations' | 'Errors' | 'Throttles' | 'Duration',
  statistic: Statistic,
): Metric => {
  const functionName = inferenceFunctionName(stage, model);
  return new Metric({
    namespace: 'AWS/Lambda',
    metricName,
    dimensionsMap: { FunctionName: functionName, Resource: `${functionName}:${LIVE_ALIAS}` },
    statistic,
    period: Duration.minutes(5),
  });
};
