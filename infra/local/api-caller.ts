import { AwsError, type CloudPorts } from './contracts.ts';
import type { CredentialStore } from './iam/credentials.ts';

/**
 * `CloudPorts.call`: an API call that a service makes on behalf of a role. It goes through the SDK and the wire like
 * any other client's, so that the callee checks it the same way.
 */

interface SdkModule {
  readonly [name: string]: unknown;
}

interface Client {
  send(command: unknown): Promise<unknown>;
  destroy(): void;
}

type Constructor<T> = new (input: unknown) => T;

/** Service name in the signature → its SDK package. */
const MODULES: Readonly<Record<string, { readonly client: string; readonly load: () => Promise<SdkModule> }>> = {
  batch: { client: 'BatchClient', load: () => import('@aws-sdk/client-batch') as Promise<SdkModule> },
  dynamodb: { client: 'DynamoDBClient', load: () => import('@aws-sdk/client-dynamodb') as Promise<SdkModule> },
  events: { client: 'EventBridgeClient', load: () => import('@aws-sdk/client-eventbridge') as Promise<SdkModule> },
  firehose: { client: 'FirehoseClient', load: () => import('@aws-sdk/client-firehose') as Promise<SdkModule> },
  lambda: { client: 'LambdaClient', load: () => import('@aws-sdk/client-lambda') as Promise<SdkModule> },
  monitoring: { client: 'CloudWatchClient', load: () => import('@aws-sdk/client-cloudwatch') as Promise<SdkModule> },
  s3: { client: 'S3Client', load: () => import('@aws-sdk/client-s3') as Promise<SdkModule> },
  sagemaker: { client: 'SageMakerClient', load: () => import('@aws-sdk/client-sagemaker') as Promise<SdkModule> },
  scheduler: { client: 'SchedulerClient', load: () => import('@aws-sdk/client-scheduler') as Promise<SdkModule> },
  sns: { client: 'SNSClient', load: () => import('@aws-sdk/client-sns') as Promise<SdkModule> },
  sqs: { client: 'SQSClient', load: () => import('@aws-sdk/client-sqs') as Promise<SdkModule> },
  states: { client: 'SFNClient', load: () => import('@aws-sdk/client-sfn') as Promise<SdkModule> },
};

interface Options {
  readonly region: string;
  readonly endpoint: () => string;
  readonly credentials: CredentialStore;
}

const asAwsError = (error: unknown): AwsError => {
  const { name, message, $metadata } = error as Error & { readonly $metadata?: { readonly httpStatusCode?: number } };
  return Object.assign(new AwsError(name, message, $metadata?.httpStatusCode ?? 500), { cause: error });
};

const assumeRole = (credentials: CredentialStore, parameters: unknown): unknown => {
  const { RoleArn, RoleSessionName } = parameters as { readonly RoleArn: string; readonly RoleSessionName: string };
  const { accessKeyId, secretAccessKey, sessionToken } = credentials.issue(RoleArn, RoleSessionName);
  return { Credentials: { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken } };
};

export interface ApiCaller {
  readonly call: CloudPorts['call'];
  close(): void;
}

export const createApiCaller = ({ region, endpoint, credentials }: Options): ApiCaller => {
  const clients = new Map<string, Client>();

  const clientFor = async (service: string, roleArn: string): Promise<{ client: Client; module: SdkModule }> => {
    const entry = MODULES[service];
    if (entry === undefined) {
      throw new AwsError(
        'UnsupportedService',
        `calls of ${service} are not supported; supported: ${Object.keys(MODULES).join(', ')}, sts`,
      );
    }
    const module = await entry.load();
    const key = `${service} ${roleArn}`;
    const standing = clients.get(key);
    if (standing) return { client: standing, module };
    const { accessKeyId, secretAccessKey, sessionToken } = credentials.issue(roleArn, 'service');
    const session = { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
    const config = { endpoint: endpoint(), region, credentials: session, forcePathStyle: true, maxAttempts: 1 };
    const client = new (module[entry.client] as Constructor<Client>)(config);
    clients.set(key, client);
    return { client, module };
  };

  return {
    async call(service, action, parameters, roleArn) {
      if (service === 'sts' && action === 'AssumeRole') return assumeRole(credentials, parameters);
      const { client, module } = await clientFor(service, roleArn);
      const Command = module[`${action}Command`] as Constructor<unknown> | undefined;
      if (Command === undefined) throw new AwsError('UnsupportedOperation', `${service} has no operation ${action}`);
      try {
        return await client.send(new Command(parameters));
      } catch (error) {
        throw asAwsError(error);
      }
    },
    close: () => {
      for (const client of clients.values()) client.destroy();
    },
  };
};
