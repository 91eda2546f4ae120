import { CfnVpcLink } from 'aws-cdk-lib/aws-apigatewayv2';
import { type IVpc, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { CfnCluster } from 'aws-cdk-lib/aws-ecs';
import { CfnListener, CfnLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import { servingClusterName } from '../../../shared/contracts/names.ts';
import type { StageConfig } from '../config.ts';
import { publicVpc } from './public-vpc.ts';
import { SERVER_PORT } from './server-task.ts';
import type { PrivateTarget } from './signed-api.ts';

const LISTENER_PORT = 80;

/**
 * Where models on ECS are served: a cluster, and one internal load balancer that the prediction API reaches over a VPC
 * link. The load balancer costs about 16 $ a month and each public address of a task 4 $; the link costs nothing, and
 * a network load balancer before this one, which older links needed, would cost as much again.
 */
export class ServingNetwork extends Construct {
  readonly clusterName: string;
  readonly listenerArn: string;
  readonly vpcId: string;
  readonly subnetIds: readonly string[];
  /** Of tasks: it lets in the load balancer alone. */
  readonly taskSecurityGroupId: string;
  readonly loadBalancerFullName: string;
  /** For integrations of the API. */
  readonly target: PrivateTarget;

  constructor(scope: Construct, id: string, { stage }: { readonly stage: StageConfig }) {
    super(scope, id);
    const vpc = publicVpc(this, 'Vpc');
    const group = (name: string, description: string): SecurityGroup =>
      new SecurityGroup(this, name, { vpc: vpc as IVpc, description, allowAllOutbound: true });
    const link = group('Link', 'From the prediction API to the load balancer');
    const balancer = group('Balancer', 'The load balancer: the prediction API alone comes in');
    const tasks = group('Tasks', 'Model servers: the load balancer alone comes in');
    balancer.addIngressRule(link, Port.tcp(LISTENER_PORT), 'The prediction API');
    tasks.addIngressRule(balancer, Port.tcp(SERVER_PORT), 'The load balancer');
    this.vpcId = vpc.vpcId;
    this.subnetIds = vpc.publicSubnets.map((subnet) => subnet.subnetId);
    this.taskSecurityGroupId = tasks.securityGroupId;
    const cluster = new CfnCluster(this, 'Cluster', {
      clusterName: servingClusterName(stage.name),
      // Billed by metric; the load balancer's own metrics are what canaries and alarms need.
      clusterSettings: [{ name: 'containerInsights', value: 'disabled' }],
    });
    this.clusterName = cluster.ref;
    const loadBalancer = new CfnLoadBalancer(this, 'LoadBalancer', {
      type: 'application',
      scheme: 'internal',
      subnets: [...this.subnetIds],
      securityGroups: [balancer.securityGroupId],
      loadBalancerAttributes: [{ key: 'routing.http.drop_invalid_header_fields.enabled', value: 'true' }],
    });
    this.loadBalancerFullName = loadBalancer.attrLoadBalancerFullName;
    const listener = new CfnListener(this, 'Listener', {
      loadBalancerArn: loadBalancer.ref,
      // Between the API and the load balancer inside AWS's network; callers speak TLS to the API.
      protocol: 'HTTP',
      port: LISTENER_PORT,
      defaultActions: [
        {
          type: 'fixed-response',
          fixedResponseConfig: {
            statusCode: '404',
            contentType: 'application/json',
            messageBody: '{"error":"no model is served here"}',
          },
        },
      ],
    });
    this.listenerArn = listener.ref;
    const vpcLink = new CfnVpcLink(this, 'VpcLink', {
      name: `millrace-${stage.name}-serving`,
      subnetIds: [...this.subnetIds],
      securityGroupIds: [link.securityGroupId],
    });
    this.target = {
      vpcLinkId: vpcLink.ref,
      loadBalancerArn: loadBalancer.ref,
      host: loadBalancer.attrDnsName,
    };
  }
}
