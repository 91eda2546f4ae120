import type { ServiceContext } from '../contracts.ts';
import { dimensionOf } from './records.ts';

/** What CloudWatch has of a load balancer, and of a group behind it. */
export interface BalancerMetrics {
  /** Of the load balancer, and of the group where there is one. */
  count(name: string, loadBalancerArn: string, targetGroupArn?: string): void;
  /** What targets are asked on average: its sum over a minute is what scaling follows. */
  countPerTarget(at: TargetPlace, targetCount: number): void;
  responseTime(at: TargetPlace, seconds: number): void;
}

interface TargetPlace {
  readonly loadBalancerArn: string;
  readonly targetGroupArn: string;
}

const NAMESPACE = 'AWS/ApplicationELB';

export const createBalancerMetrics = ({ ports }: ServiceContext): BalancerMetrics => {
  const dimensionsOf = ({ loadBalancerArn, targetGroupArn }: TargetPlace) => ({
    TargetGroup: dimensionOf(targetGroupArn),
    LoadBalancer: dimensionOf(loadBalancerArn),
  });
  const put = (name: string, dimensions: Readonly<Record<string, string>>, value: number, unit: string): void =>
    ports.putMetric({ namespace: NAMESPACE, name, dimensions, value, unit });
  return {
    count: (name, loadBalancerArn, targetGroupArn) => {
      put(name, { LoadBalancer: dimensionOf(loadBalancerArn) }, 1, 'Count');
      if (targetGroupArn !== undefined) put(name, dimensionsOf({ loadBalancerArn, targetGroupArn }), 1, 'Count');
    },
    countPerTarget: (at, targetCount) =>
      put('RequestCountPerTarget', dimensionsOf(at), 1 / Math.max(1, targetCount), 'Count'),
    responseTime: (at, seconds) => put('TargetResponseTime', dimensionsOf(at), seconds, 'Seconds'),
  };
};
