import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, MathExpression, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { alarmName } from '../../../shared/contracts/metric-names.ts';
import type { StageConfig } from '../config.ts';
import type { EcsEndpoint } from './ecs-endpoint.ts';
import { PlatformAlarm } from './platform-alarm.ts';
import type { ServingNetwork } from './serving-network.ts';

export interface ServiceAlarmProps {
  readonly stage: StageConfig;
  readonly model: string;
  readonly endpoint: EcsEndpoint;
  readonly network: ServingNetwork;
  readonly topic: ITopic;
}

/** Prediction requests of a model on ECS fail: what the alarm `errors` of a function is, over both slots. */
export class ServiceAlarm extends Construct {
  constructor(scope: Construct, id: string, { stage, model, endpoint, network, topic }: ServiceAlarmProps) {
    super(scope, id);
    const period = Duration.minutes(5);
    const metrics = endpoint.targetGroupFullNames.flatMap((targetGroup, slot) =>
      ['HTTPCode_Target_5XX_Count', 'TargetConnectionErrorCount'].map(
        (metricName, kind) =>
          [
            `m${2 * slot + kind}`,
            new Metric({
              namespace: 'AWS/ApplicationELB',
              metricName,
              dimensionsMap: { TargetGroup: targetGroup, LoadBalancer: network.loadBalancerFullName },
              statistic: 'Sum',
              period,
            }),
          ] as const,
      ),
    );
    new PlatformAlarm(this, 'Errors', {
      alarmName: alarmName(stage.name, model, 'errors'),
      alarmDescription: `Prediction requests of ${model} fail.`,
      heading: 'errors',
      topic,
      metric: new MathExpression({
        expression: metrics.map(([name]) => `FILL(${name}, 0)`).join(' + '),
        usingMetrics: Object.fromEntries(metrics),
        period,
      }),
      threshold: 5,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}
