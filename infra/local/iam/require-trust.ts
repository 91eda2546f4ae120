import { type AccessControl, AwsError } from '../contracts.ts';

/**
 * Asks whether a role lets a service assume it: services ask when they are given the role.
 * @param refusal the service's own error; the reason is put behind its message.
 * @throws AwsError
 */
export const requireTrust = (
  access: AccessControl,
  role: { readonly arn: string; readonly service: string; readonly refusal: AwsError },
): void => {
  const { arn, service, refusal } = role;
  try {
    access.require({ principal: { service }, action: 'sts:AssumeRole', resource: arn });
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new AwsError(refusal.code, `${refusal.message} (${error.message})`, refusal.status, refusal.extra);
  }
};
