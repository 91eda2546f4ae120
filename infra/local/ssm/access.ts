import type { CloudIdentity } from '../contracts.ts';
import { type AccessRules, type Input, type Need, textOf } from '../iam/guard.ts';

/** What each operation needs. https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html */
export const ssmAccess = ({ partition, region, accountId }: CloudIdentity): AccessRules => {
  const arnOf = (name: string): string =>
    `arn:${partition}:ssm:${region}:${accountId}:parameter/${name.replace(/^\//, '').replace(/:.*$/, '')}`;
  const named =
    (action: string, member = 'Name') =>
    (input: Input): readonly Need[] => [{ action: `ssm:${action}`, resource: arnOf(textOf(input, member)) }];
  const listed =
    (action: string) =>
    ({ Names }: Input): readonly Need[] =>
      (Array.isArray(Names) ? Names : []).map((name) => ({ action: `ssm:${action}`, resource: arnOf(String(name)) }));
  return {
    DeleteParameter: named('DeleteParameter'),
    DeleteParameters: listed('DeleteParameters'),
    GetParameter: named('GetParameter'),
    GetParameterHistory: named('GetParameterHistory'),
    GetParameters: listed('GetParameters'),
    GetParametersByPath: named('GetParametersByPath', 'Path'),
    PutParameter: named('PutParameter'),
  };
};
