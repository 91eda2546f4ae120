import { AwsError, type LocalService, type ServiceContext, type WireRequest } from '../contracts.ts';
import { readFields } from '../protocols/fields.ts';
import { createQueryHandler } from '../protocols/query.ts';
import type { CredentialStore } from './credentials.ts';
import { iamResources, type RoleRecord } from './resources.ts';

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';
const DEFAULT_SESSION_SECONDS = 3_600;

/** `arn:aws:sts::<account>:assumed-role/<role>/<session>` for a role's session, the user's own ARN otherwise. */
export const identityArn = (callerArn: string, sessionName: string | undefined): string => {
  const role = /^arn:([^:]+):iam::(\d+):role\/(?:.*\/)?([^/]+)$/.exec(callerArn);
  if (role === null || sessionName === undefined) return callerArn;
  return `arn:${role[1]}:sts::${role[2]}:assumed-role/${role[3]}/${sessionName}`;
};

const assumeRole = (input: unknown, context: ServiceContext, credentials: CredentialStore): unknown => {
  const { roleArn, sessionName, seconds } = readFields(input, {}, (fields) => ({
    roleArn: fields.requiredText('RoleArn'),
    sessionName: fields.requiredText('RoleSessionName'),
    seconds: fields.integer('DurationSeconds', { min: 900, max: 43_200 }) ?? DEFAULT_SESSION_SECONDS,
  }));
  const roles = context.store.table<RoleRecord>('iam-roles');
  if (!roles.entries().some(([, role]) => role.arn === roleArn)) {
    throw new AwsError(
      'AccessDenied',
      `not authorized to perform sts:AssumeRole on resource ${roleArn}: no such role`,
      403,
    );
  }
  const issued = credentials.issue(roleArn, sessionName);
  return {
    Credentials: {
      AccessKeyId: issued.accessKeyId,
      SecretAccessKey: issued.secretAccessKey,
      SessionToken: issued.sessionToken,
      Expiration: new Date(context.clock.nowMs() + seconds * 1_000),
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
          Arn: identityArn(caller.arn, credentials.find(caller.accessKeyId)?.sessionName),
          UserId: caller.accessKeyId,
          Account: context.accountId,
        }),
        AssumeRole: (input) => assumeRole(input, context, credentials),
      },
    }),
  });
