import { createRequire } from 'node:module';
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

/** Packages are loaded when they are first needed, and at once: an `import()` would take as many turns as the machine likes. */
const require = createRequire(import.meta.url);

/** Service name in the signature → its SDK package. */
const MODULES: Readonly<Record<string, { readonly client: string; readonly load: () => SdkModule }>> = {
  batch: { client: 'BatchClient', load: () => require('@aws-sdk/client-batch') as SdkModule },
  dynamodb: { client: 'DynamoDBClient', load: () => require('@aws-sdk/client-dynamodb') as SdkModule },
  events: { client: 'EventBridgeClient', load: () => require('@aws-sdk/client-eventbridge') as SdkModule },
  firehose: { client: 'FirehoseClient', load: () => require('@aws-sdk/client-firehose') as SdkModule },
  lambda: { client: 'LambdaClient', load: () => require('@aws-sdk/client-lambda') as SdkModule },
  monitoring: { client: 'CloudWatchClient', load: () => require('@aws-sdk/client-cloudwatch') as SdkModule },
  s3: { client: 'S3Client', load: () => require('@aws-sdk/client-s3') as SdkModule },
  sagemaker: { client: 'SageMakerClient', load: () => require('@aws-sdk/client-sagemaker') as SdkModule },
  scheduler: { client: 'SchedulerClient', load: () => require('@aws-sdk/client-scheduler') as SdkModule },
  sns: { client: 'SNSClient', load: () => require('@aws-sdk/client-sns') as SdkModule },
  sqs: { client: 'SQSClient', load: () => require('@aws-sdk/client-sqs') as SdkModule },
  states: { client: 'SFNClient', load: () => require('@aws-sdk/client-sfn') as SdkModule },
};

interface Options {
  readonly region: string;
  readonly endpoint: () => string;
  readonly credentials: CredentialStore;
  /** How the clients of a role send their requests. @default over HTTP */
  readonly requestHandler?: (roleArn: string) => object;
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

export const createApiCaller = ({ region, endpoint, credentials, requestHandler }: Options): ApiCaller => {
  const clients = new Map<string, Client>();

  const clientFor = (service: string, roleArn: string): { readonly client: Client; readonly module: SdkModule } => {
    const entry = MODULES[service];
    if (entry === undefined) {
      throw new AwsError(
        'UnsupportedService',
        `calls of ${service} are not supported; supported: ${Object.keys(MODULES).join(', ')}, sts`,
      );
    }
    const module = entry.load();
    const key = `${service} ${roleArn}`;
    const standing = clients.get(key);
    if (standing) return { client: standing, module };
    const { accessKeyId, secretAccessKey, sessionToken } = credentials.issue(roleArn, 'service');
    const session = { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
    const config = { endpoint: endpoint(), region, credentials: session, forcePathStyle: true, maxAttempts: 1 };
    const handler = requestHandler ? { requestHandler: requestHandler(roleArn) } : {};
    const client = new (module[entry.client] as Constructor<Client>)({ ...config, ...handler });
    clients.set(key, client);
    return { client, module };
  };

  return {
    async call(service, action, parameters, roleArn) {
      if (service === 'sts' && action === 'AssumeRole') return assumeRole(credentials, parameters);
      const { client, module } = clientFor(service, roleArn);
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
