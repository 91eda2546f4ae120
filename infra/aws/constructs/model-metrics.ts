import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import {
  METRIC_NAMES,
  METRIC_NAMESPACE,
  MODEL_DIMENSION,
  modelDimensionValue,
} from '../../../shared/contracts/metric-names.ts';
import { inferenceFunctionName, LIVE_ALIAS } from '../../../shared/contracts/names.ts';

type Statistic = 'Sum' | 'Maximum' | 'Average' | 'p50' | 'p95' | 'p99';

/** A custom metric of a model. */
export const modelMetric = (
  stage: string,
  model: string,
  name: keyof typeof METRIC_NAMES,
  options: { readonly statistic: Statistic; readonly period: Duration; readonly label?: string },
): Metric =>
  new Metric({
    namespace: METRIC_NAMESPACE,
    metricName: METRIC_NAMES[name],
    dimensionsMap: { [MODEL_DIMENSION]: modelDimensionValue(stage, model) },
    ...options,
  });

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
