import { GatewayVpcEndpointAwsService, IpAddresses, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';

/**
 * A network of public subnets alone: what runs there has a public address to call out from, and security groups let
 * nobody in. A NAT gateway would bill by the hour; S3 and DynamoDB are reached by gateway endpoints, which cost nothing.
 */
export const publicVpc = (scope: Construct, id: string): Vpc =>
  new Vpc(scope, id, {
    ipAddresses: IpAddresses.cidr('10.0.0.0/20'),
    maxAzs: 3,
    natGateways: 0,
    subnetConfiguration: [{ name: 'Public', subnetType: SubnetType.PUBLIC, mapPublicIpOnLaunch: true }],
    // Would bring a custom resource; nothing uses the default group.
    restrictDefaultSecurityGroup: false,
    gatewayEndpoints: {
      S3: { service: GatewayVpcEndpointAwsService.S3 },
      DynamoDb: { service: GatewayVpcEndpointAwsService.DYNAMODB },
    },
  });
