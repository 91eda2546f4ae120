import { Aws, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** The ARN of something in this stack's account and region, whose name is known without a reference to it. */
export const arnOf = (scope: Construct, service: string, resource: string): string =>
  `arn:${Aws.PARTITION}:${service}:${Stack.of(scope).region}:${Stack.of(scope).account}:${resource}`;
