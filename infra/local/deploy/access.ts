import type { CloudIdentity } from '../contracts.ts';
import { type AccessRules, type Input, type Need, textOf } from '../iam/guard.ts';

/** What each operation needs. https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudformation.html */
export const cloudFormationAccess = ({ partition, region, accountId }: CloudIdentity): AccessRules => {
  const ofStack =
    (action: string) =>
    (input: Input): readonly Need[] => {
      const name = textOf(input, 'StackName');
      const arn = `arn:${partition}:cloudformation:${region}:${accountId}:stack/${name === '' ? '*' : `${name}/*`}`;
      return [{ action: `cloudformation:${action}`, resource: name.startsWith('arn:') ? name : arn }];
    };
  const ofAll = (action: string) => (): readonly Need[] => [{ action: `cloudformation:${action}`, resource: '*' }];
  return {
    DescribeStackEvents: ofStack('DescribeStackEvents'),
    DescribeStackResources: ofStack('DescribeStackResources'),
    DescribeStacks: ofStack('DescribeStacks'),
    GetTemplate: ofStack('GetTemplate'),
    ListExports: ofAll('ListExports'),
    ListImports: ofAll('ListImports'),
    ListStackResources: ofStack('ListStackResources'),
    ListStacks: ofAll('ListStacks'),
  };
};
