import { AwsError, type Caller, type LocalService, type ServiceContext, type WireRequest } from '../contracts.ts';
import { readFields } from '../protocols/fields.ts';
import { createQueryHandler } from '../protocols/query.ts';
import type { CredentialStore } from './credentials.ts';
import { identityArn } from './identity-arn.ts';
import { iamResources, type RoleRecord } from './resources.ts';

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';
const DEFAULT_SESSION_SECONDS = 3_600;

const assumeRole = (
  input: unknown,
  caller: Caller,
  { context, credentials }: { readonly context: ServiceContext; readonly credentials: CredentialStore },
): unknown => {
  const { roleArn, sessionName, seconds } = readFields(input, {}, (fields) => ({
    roleArn: fields.requiredText('RoleArn'),
    sessionName: fields.requiredText('RoleSessionName'),
    seconds: fields.integer('DurationSeconds', { min: 900, max: 43_200 }) ?? DEFAULT_SESSION_SECONDS,
  }));
  const roles = context.store.table<RoleRecord>('iam-roles');
  const { arn: callerArn, sessionName: callerSession } = caller;
  if (!roles.entries().some(([, role]) => role.arn === roleArn)) {
    // AWS does not tell a role that does not exist from one that trusts somebody else.
    const user = identityArn(callerArn, callerSession);
    throw new AwsError(
      'AccessDenied',
      `User: ${user} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`,
      403,
    );
  }
  context.access.require({ principal: caller, action: 'sts:AssumeRole', resource: roleArn });
  const nowMs = context.clock.nowMs();
  const expiresAtMs = nowMs + seconds * 1_000;
  const issued = credentials.issue(roleArn, sessionName, { fromMs: nowMs, expiresAtMs });
  return {
    Credentials: {
      AccessKeyId: issued.accessKeyId,
      SecretAccessKey: issued.secretAccessKey,
      SessionToken: issued.sessionToken,
      Expiration: new Date(expiresAtMs),
    },
    AssumedRoleUser: { AssumedRoleId: `AROA:${sessionName}`, Arn: identityArn(roleArn, sessionName) },
  };
};

/** STS, and the roles and policies of the template. The IAM API itself is not served: the template owns what it would change. */
export const createStsService =
  (credentials: CredentialStore) =>
  (context: ServiceContext): LocalService => ({
    signingName: 'sts',
    resources: iamResources(context),
    handle: createQueryHandler({
      namespace: NAMESPACE,
      operations: {
        GetCallerIdentity: (_input, { caller }: WireRequest) => ({
          Arn: identityArn(caller.arn, caller.sessionName),
          UserId: caller.accessKeyId,
          Account: context.accountId,
        }),
        AssumeRole: (input, { caller }) => assumeRole(input, caller, { context, credentials }),
      },
    }),
  });
