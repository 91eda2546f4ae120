import { keepDimensionSets } from '../cloudwatch/dimension-sets.ts';
import type { ServiceContext, WireResponse } from '../contracts.ts';
import type { Exchange } from './exchange.ts';

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html */

const ofStage = keepDimensionSets((ApiName: string, Stage: string) => [{ ApiName }, { ApiName, Stage }]);

/** Of a method whose metrics are enabled. */
const ofMethod = keepDimensionSets((ApiName: string, Stage: string, Method: string, Resource: string) => [
  { ApiName },
  { ApiName, Stage },
  { ApiName, Stage, Method, Resource },
]);

/** Counts an answered request. */
export const putGatewayMetrics = (
  { clock, ports }: ServiceContext,
  exchange: Exchange,
  { status }: WireResponse,
): void => {
  const { api, stage, match, request, setting, integrationMs } = exchange;
  const sets =
    setting?.metricsEnabled && match
      ? ofMethod(api.name, stage.name, request.method, match.route.path)
      : ofStage(api.name, stage.name);
  const put = (name: string, value: number, unit: string): void => {
    for (const dimensions of sets) ports.putMetric({ namespace: 'AWS/ApiGateway', name, dimensions, value, unit });
  };
  put('Count', 1, 'Count');
  put('4XXError', status >= 400 && status < 500 ? 1 : 0, 'Count');
  put('5XXError', status >= 500 ? 1 : 0, 'Count');
  put('Latency', clock.nowMs() - exchange.startedAtMs, 'Milliseconds');
  if (integrationMs !== undefined) put('IntegrationLatency', integrationMs, 'Milliseconds');
};
