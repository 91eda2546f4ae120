import { escapeKey } from '../../kernel/signature-v4.ts';

/** Where AWS's services answer, by the variables that its SDKs read too. */

export type Environment = Readonly<Record<string, string | undefined>>;

export type Service = 's3' | 'dynamodb' | 'firehose' | 'lambda' | 'application-autoscaling';

/** As variables spell it, where that is not its name: https://docs.aws.amazon.com/sdkref/latest/guide/ss-endpoints-table.html */
const VARIABLE_NAMES: Readonly<Partial<Record<Service, string>>> = {
  'application-autoscaling': 'APPLICATION_AUTO_SCALING',
};

const DOMAINS: readonly (readonly [region: RegExp, domain: string])[] = [
  [/^cn-/, 'amazonaws.com.cn'],
  [/^(af|ap|ca|eu|il|me|mx|sa|us)-(gov-)?[a-z]+-\d+$/, 'amazonaws.com'],
];

/** @throws Error without a region. */
export const regionOf = (env: Environment): string => {
  const region = env.AWS_REGION || env.AWS_DEFAULT_REGION;
  if (!region) throw new Error('environment variables are missing: AWS_REGION');
  return region;
};

/** An address that was set takes the place of the service's own. */
const givenEndpoint = (env: Environment, service: Service): string | undefined =>
  env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS === 'true'
    ? undefined
    : env[`AWS_ENDPOINT_URL_${VARIABLE_NAMES[service] ?? service.toUpperCase()}`] || env.AWS_ENDPOINT_URL || undefined;

const ownHost = (env: Environment, service: Service): string => {
  const region = regionOf(env);
  const domain = DOMAINS.find(([regions]) => regions.test(region))?.[1];
  if (domain === undefined) {
    throw new Error(`the address of ${service} in region ${region} is not known: set AWS_ENDPOINT_URL`);
  }
  return `${service}${env.AWS_USE_FIPS_ENDPOINT === 'true' ? '-fips' : ''}.${region}.${domain}`;
};

/** An origin, without a slash at its end. */
export const endpointOf = (env: Environment, service: Service): string =>
  givenEndpoint(env, service)?.replace(/\/+$/, '') ?? `https://${ownHost(env, service)}`;

/**
 * Where an object of a bucket lies: the bucket stands in the host's name, as AWS wants it, except where an address was
 * set, which need not be known by other names, or where dots in the bucket's name would not fit the certificate.
 */
export const objectAddress = (
  env: Environment,
  bucket: string,
): ((key: string) => { readonly origin: string; readonly path: string }) => {
  if (givenEndpoint(env, 's3') !== undefined || bucket.includes('.')) {
    const origin = endpointOf(env, 's3');
    return (key) => ({ origin, path: `/${bucket}/${escapeKey(key)}` });
  }
  const origin = `https://${bucket}.${ownHost(env, 's3')}`;
  return (key) => ({ origin, path: `/${escapeKey(key)}` });
};
