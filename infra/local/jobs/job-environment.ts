import type { ServiceContext } from '../contracts.ts';

/** Variables of this machine that a program needs to run at all. */
const INHERITED = ['PATH', 'HOME', 'LANG', 'TMPDIR'];

/**
 * What a job's process sees of the cloud: the endpoint, the region and credentials of its role, as on AWS, where the
 * container's credentials endpoint gives them.
 */
export const jobEnvironment = async (
  { ports, endpoint, region }: ServiceContext,
  roleArn: string | undefined,
  sessionName: string,
): Promise<Readonly<Record<string, string>>> => {
  const inherited = INHERITED.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const base = {
    ...Object.fromEntries(inherited),
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ENDPOINT_URL: endpoint(),
  };
  if (roleArn === undefined) return base;
  const request = { RoleArn: roleArn, RoleSessionName: sessionName.slice(0, 64) };
  const answer = (await ports.call('sts', 'AssumeRole', request, roleArn)) as {
    readonly Credentials: {
      readonly AccessKeyId: string;
      readonly SecretAccessKey: string;
      readonly SessionToken: string;
    };
  };
  const { AccessKeyId, SecretAccessKey, SessionToken } = answer.Credentials;
  return {
    ...base,
    AWS_ACCESS_KEY_ID: AccessKeyId,
    AWS_SECRET_ACCESS_KEY: SecretAccessKey,
    AWS_SESSION_TOKEN: SessionToken,
  };
};
