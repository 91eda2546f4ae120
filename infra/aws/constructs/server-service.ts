import { CfnService } from 'aws-cdk-lib/aws-ecs';
import { CfnTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Construct } from 'constructs';
import { SERVER_CONTAINER, SERVER_PORT } from './server-task.ts';
import type { ServingNetwork } from './serving-network.ts';

/** Longer than a request may take, so that none is cut off when its task goes. */
const DRAIN_SECONDS = 30;

/** Where tasks of the model server are registered, and looked at: ready is who has loaded what it is pinned to. */
export const addServerTargets = (scope: Construct, id: string, { vpcId }: ServingNetwork): CfnTargetGroup =>
  new CfnTargetGroup(scope, id, {
    targetType: 'ip',
    protocol: 'HTTP',
    port: SERVER_PORT,
    vpcId,
    healthCheckPath: '/v2/health/ready',
    healthCheckIntervalSeconds: 10,
    healthCheckTimeoutSeconds: 5,
    healthyThresholdCount: 2,
    unhealthyThresholdCount: 3,
    matcher: { httpCode: '200' },
    targetGroupAttributes: [{ key: 'deregistration_delay.timeout_seconds', value: String(DRAIN_SECONDS) }],
  });

export const addServerService = (
  scope: Construct,
  id: string,
  props: {
    readonly serviceName: string;
    readonly network: ServingNetwork;
    readonly taskDefinition: string;
    /** Undefined where scaling decides: a deploy leaves what it finds, and begins with one. */
    readonly desiredCount: number | undefined;
    readonly targetGroupArn: string;
  },
): CfnService => {
  const { serviceName, network, taskDefinition, desiredCount, targetGroupArn } = props;
  return new CfnService(scope, id, {
    serviceName,
    cluster: network.clusterName,
    taskDefinition,
    ...(desiredCount === undefined ? {} : { desiredCount }),
    launchType: 'FARGATE',
    networkConfiguration: {
      awsvpcConfiguration: {
        assignPublicIp: 'ENABLED',
        subnets: [...network.subnetIds],
        securityGroups: [network.taskSecurityGroupId],
      },
    },
    loadBalancers: [{ containerName: SERVER_CONTAINER, containerPort: SERVER_PORT, targetGroupArn }],
    deploymentConfiguration: {
      minimumHealthyPercent: 100,
      maximumPercent: 200,
      // Tasks that do not start are given up. Going back is for who started it: a rollout, or CloudFormation.
      deploymentCircuitBreaker: { enable: true, rollback: false },
    },
    healthCheckGracePeriodSeconds: 60,
  });
};
