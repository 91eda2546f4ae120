import { AwsError } from '../contracts.ts';
import type { Fields } from '../protocols/fields.ts';
import type { FunctionSettings } from './records.ts';

/** The settings that `UpdateFunctionConfiguration` and the template's function have in common, as far as given. */
export type GivenSettings = {
  readonly [K in Exclude<keyof FunctionSettings, 'code' | 'architectures'>]?: FunctionSettings[K];
};

const RUNTIMES = ['nodejs22.x', 'nodejs24.x'] as const;
const MAX_ENVIRONMENT_BYTES = 4_096;

const readEnvironment = (fields: Fields): Readonly<Record<string, string>> | undefined => {
  const variables = fields.object('Environment', (inner) => inner.textMap('Variables') ?? {});
  if (variables === undefined) return undefined;
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
    // Levels filter what AWS's runtime writes; here every line is kept.
    inner.accept('ApplicationLogLevel', 'SystemLogLevel');
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
