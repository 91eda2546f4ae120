import { AwsError } from '../contracts.ts';
import type { Fields } from '../protocols/fields.ts';
import type { FunctionSettings } from './records.ts';

/** The settings that `UpdateFunctionConfiguration` and the template's function have in common, as far as given. */
export type GivenSettings = {
  readonly [K in Exclude<keyof FunctionSettings, 'code' | 'architectures'>]?: FunctionSettings[K];
};

const RUNTIMES = ['nodejs22.x', 'nodejs24.x'] as const;
const MAX_ENVIRONMENT_BYTES = 4_096;

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime */
const RESERVED_VARIABLES = new Set([
  '_HANDLER',
  '_X_AMZN_TRACE_ID',
  'AWS_ACCESS_KEY',
  'AWS_ACCESS_KEY_ID',
  'AWS_DEFAULT_REGION',
  'AWS_EXECUTION_ENV',
  'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
  'AWS_LAMBDA_FUNCTION_NAME',
  'AWS_LAMBDA_FUNCTION_VERSION',
  'AWS_LAMBDA_INITIALIZATION_TYPE',
  'AWS_LAMBDA_LOG_GROUP_NAME',
  'AWS_LAMBDA_LOG_STREAM_NAME',
  'AWS_LAMBDA_RUNTIME_API',
  'AWS_REGION',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'LAMBDA_RUNTIME_DIR',
  'LAMBDA_TASK_ROOT',
]);

const refuseReserved = (variables: Readonly<Record<string, string>>): void => {
  const reserved = Object.keys(variables).filter((name) => RESERVED_VARIABLES.has(name));
  if (reserved.length === 0) return;
  throw new AwsError(
    'InvalidParameterValueException',
    `Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: ${reserved.join(', ')}`,
    400,
    { Type: 'User' },
  );
};

const readEnvironment = (fields: Fields): Readonly<Record<string, string>> | undefined => {
  const variables = fields.object('Environment', (inner) => inner.textMap('Variables') ?? {});
  if (variables === undefined) return undefined;
  refuseReserved(variables);
  const sizeBytes = Object.entries(variables).reduce((sum, [name, value]) => sum + Buffer.byteLength(name + value), 0);
  if (sizeBytes > MAX_ENVIRONMENT_BYTES) {
    throw new AwsError(
      'InvalidParameterValueException',
      `Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit, got ${sizeBytes} bytes`,
      400,
      { Type: 'User' },
    );
  }
  return variables;
};

const readLogging = (fields: Fields): Pick<GivenSettings, 'logFormat' | 'logGroup'> => {
  const logging = fields.object('LoggingConfig', (inner) => {
    inner.ignore('every line is kept here', 'ApplicationLogLevel', 'SystemLogLevel');
    return { logFormat: inner.choice('LogFormat', ['Text', 'JSON']), logGroup: inner.text('LogGroup') };
  });
  return withoutAbsent({ logFormat: logging?.logFormat, logGroup: logging?.logGroup });
};

const withoutAbsent = <T extends object>(value: T): { readonly [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };

export const readGivenSettings = (fields: Fields): GivenSettings => ({
  ...withoutAbsent({
    role: fields.text('Role'),
    runtime: fields.choice('Runtime', RUNTIMES),
    handler: fields.text('Handler'),
    environment: readEnvironment(fields),
    memorySizeMb: fields.integer('MemorySize', { min: 128, max: 10_240 }),
    timeoutSeconds: fields.integer('Timeout', { min: 1, max: 900 }),
    layers: fields.texts('Layers'),
    description: fields.text('Description'),
    ephemeralStorageMb: fields.object('EphemeralStorage', (inner) => inner.integer('Size', { min: 512, max: 10_240 })),
    tracingMode: fields.object('TracingConfig', (inner) => inner.choice('Mode', ['Active', 'PassThrough'])),
    deadLetterArn: fields.object('DeadLetterConfig', (inner) => inner.text('TargetArn')),
    kmsKeyArn: fields.text('KMSKeyArn') ?? fields.text('KmsKeyArn'),
  }),
  ...readLogging(fields),
});

/** What a function has when the template says nothing. */
export const DEFAULT_SETTINGS = {
  environment: {},
  memorySizeMb: 128,
  timeoutSeconds: 3,
  layers: [],
  description: '',
  ephemeralStorageMb: 512,
  tracingMode: 'PassThrough',
  logFormat: 'Text',
} as const satisfies Partial<FunctionSettings>;
