import { AwsError, type ServiceContext } from '../contracts.ts';
import type { Fields } from '../protocols/fields.ts';
import { checkPrefix } from './object-key.ts';

/** A delivery stream to S3 as it is stored, and the one place that decides what it may say. */
export interface DeliveryStream {
  readonly name: string;
  readonly arn: string;
  readonly createdAtMs: number;
  readonly versionId: number;
  readonly destination: S3Destination;
}

export interface S3Destination {
  readonly bucketArn: string;
  readonly roleArn: string;
  readonly prefix: string;
  readonly errorPrefix?: string | undefined;
  readonly fileExtension?: string | undefined;
  readonly gzip: boolean;
  readonly bufferBytes: number;
  readonly bufferSeconds: number;
  /** Appended to every record. */
  readonly delimiter: string;
  /** The key that encrypts delivered objects. @default as the bucket does */
  readonly keyArn?: string | undefined;
}

const MIB = 1024 * 1024;

export const streamArn = ({ region, accountId }: ServiceContext, name: string): string =>
  `arn:aws:firehose:${region}:${accountId}:deliverystream/${name}`;

const DELIMITERS: Readonly<Record<string, string>> = { '\\n': '\n', '\n': '\n' };

const readProcessor = (fields: Fields): string => {
  fields.choice('Type', ['AppendDelimiterToRecord']);
  const parameters = fields.list('Parameters', (one) => ({
    name: one.choice('ParameterName', ['Delimiter']),
    value: one.requiredText('ParameterValue'),
  }));
  const text = parameters?.[0]?.value ?? '\\n';
  const delimiter = DELIMITERS[text];
  if (delimiter === undefined) throw fields.refuse('Parameters', `must have the Delimiter \\n here, got ${text}`);
  return delimiter;
};

const readProcessing = (fields: Fields): string => {
  const enabled = fields.flag('Enabled') ?? false;
  const delimiters = fields.list('Processors', readProcessor) ?? [];
  return enabled ? delimiters.join('') : '';
};

/** Options that may be stated as switched off. */
const refuseEnabled = (fields: Fields, name: string): void => {
  const enabled = fields.object(name, (one) => {
    one.accept('RetryOptions');
    return one.flag('Enabled') ?? true;
  });
  if (enabled === true) throw fields.refuse(name, 'is not supported here unless Enabled is false');
};

export const readS3Destination = (fields: Fields): S3Destination => {
  const buffering = fields.object('BufferingHints', (hints) => ({
    mib: hints.integer('SizeInMBs', { min: 1, max: 128 }),
    seconds: hints.integer('IntervalInSeconds', { min: 0, max: 900 }),
  }));
  // Where errors are logged does not change what is delivered.
  fields.accept('CloudWatchLoggingOptions');
  const keyArn = fields.object('EncryptionConfiguration', (encryption) =>
    encryption.object('KMSEncryptionConfig', (config) => config.requiredText('AWSKMSKeyARN')),
  );
  fields.choice('S3BackupMode', ['Disabled']);
  fields.choice('CustomTimeZone', ['UTC']);
  refuseEnabled(fields, 'DynamicPartitioningConfiguration');
  refuseEnabled(fields, 'DataFormatConversionConfiguration');
  const destination: S3Destination = {
    bucketArn: fields.requiredText('BucketARN'),
    roleArn: fields.requiredText('RoleARN'),
    prefix: fields.text('Prefix') ?? '',
    errorPrefix: fields.text('ErrorOutputPrefix'),
    fileExtension: fields.text('FileExtension'),
    gzip: fields.choice('CompressionFormat', ['UNCOMPRESSED', 'GZIP']) === 'GZIP',
    bufferBytes: (buffering?.mib ?? 5) * MIB,
    bufferSeconds: buffering?.seconds ?? 300,
    delimiter: fields.object('ProcessingConfiguration', readProcessing) ?? '',
    keyArn,
  };
  checkPrefix('Prefix', destination.prefix);
  checkPrefix('ErrorOutputPrefix', destination.errorPrefix ?? '');
  return destination;
};

export const checkStreamName = (name: string): string => {
  if (/^[a-zA-Z0-9_.-]{1,64}$/.test(name)) return name;
  throw new AwsError(
    'InvalidArgumentException',
    `DeliveryStreamName must be 1 to 64 letters, digits, _, . and -, got ${name}`,
  );
};
