import {
  AwsError,
  type IdSource,
  type LocalService,
  type ProvisionedResource,
  type ResourceContext,
  type ResourceProvider,
  type ServiceContext,
  type ServicePrincipal,
} from '../contracts.ts';
import { guardOperations, requireAll } from '../iam/guard.ts';
import { type Fields, readFields, readProperties } from '../protocols/fields.ts';
import { createJsonHandler, type JsonOperation } from '../protocols/json.ts';
import { shortenName } from '../protocols/shorten-name.ts';
import { firehoseAccess, putNeeds } from './access.ts';
import {
  checkStreamName,
  type DeliveryStream,
  readS3Destination,
  type S3Destination,
  streamArn,
} from './delivery-stream.ts';
import { createStreamRunner, type StreamRunner } from './stream-runner.ts';

export interface FirehoseService extends LocalService {
  /** Puts one record. @throws AwsError ResourceNotFoundException */
  readonly deliver: (targetArn: string, payload: string, from?: ServicePrincipal) => Promise<void>;
}

const MAX_RECORD_BYTES = 1000 * 1024;
const MAX_BATCH_BYTES = 4 * 1024 * 1024;
const MAX_BATCH_RECORDS = 500;
const FRAME = { code: 'InvalidArgumentException' };

interface StreamBook {
  readonly get: (name: string) => DeliveryStream;
  readonly runner: (name: string) => StreamRunner;
  readonly list: () => readonly DeliveryStream[];
  readonly put: (name: string, destination: S3Destination) => DeliveryStream;
  readonly delete: (name: string) => void;
  readonly stop: () => void;
}

const createStreamBook = (context: ServiceContext): StreamBook => {
  const table = context.store.table<DeliveryStream>('firehose.streams');
  const runners = new Map<string, StreamRunner>();

  const get = (name: string): DeliveryStream => {
    const found = table.get(name);
    if (found !== undefined) return found;
    throw new AwsError('ResourceNotFoundException', `Firehose ${name} under account ${context.accountId} not found.`);
  };
  // The runner is looked up by name alone: this is on the path of every captured prediction.
  const runner = (name: string): StreamRunner => {
    const known = runners.get(name);
    if (known !== undefined) return known;
    const made = createStreamRunner(context, get(name));
    runners.set(name, made);
    return made;
  };

  return {
    get,
    runner,
    list: () => table.entries().map(([, stream]) => stream),
    put: (name, destination) => {
      const before = table.get(checkStreamName(name));
      const changed = JSON.stringify(before?.destination) !== JSON.stringify(destination);
      if (before !== undefined && !changed) return before;
      const stream: DeliveryStream = {
        name,
        arn: streamArn(context, name),
        createdAtMs: before?.createdAtMs ?? context.clock.nowMs(),
        versionId: (before?.versionId ?? 0) + 1,
        destination,
      };
      table.put(name, stream);
      runners.get(name)?.configure(stream);
      return stream;
    },
    delete: (name) => {
      if (table.get(name) !== undefined) runner(name).delete();
      runners.delete(name);
      table.delete(name);
    },
    stop: () => {
      for (const one of runners.values()) one.stop();
    },
  };
};

/** Base64 of a record. */
const readRecord = (fields: Fields): string => {
  const data = fields.text('Data');
  if (data === undefined) throw fields.refuse('Data', 'is required');
  return data;
};

const decodeRecord = (data: string): Uint8Array => {
  const bytes = Buffer.from(data, 'base64');
  if (bytes.length > MAX_RECORD_BYTES) {
    throw new AwsError(
      'InvalidArgumentException',
      `Record.Data must have at most ${MAX_RECORD_BYTES} bytes, got ${bytes.length}`,
    );
  }
  return bytes;
};

const recordOperations = (book: StreamBook, ids: IdSource): Readonly<Record<string, JsonOperation>> => ({
  PutRecord: (input) => {
    const { name, record } = readFields(input, FRAME, (fields) => ({
      name: fields.requiredText('DeliveryStreamName'),
      record: fields.object('Record', readRecord),
    }));
    if (record === undefined) throw new AwsError('InvalidArgumentException', 'Record is required');
    const bytes = decodeRecord(record);
    book.runner(name).append(bytes);
    return { RecordId: ids.uuid(), Encrypted: false };
  },
  PutRecordBatch: (input) => {
    const { name, given } = readFields(input, FRAME, (fields) => ({
      name: fields.requiredText('DeliveryStreamName'),
      given: fields.list('Records', readRecord) ?? [],
    }));
    if (given.length < 1 || given.length > MAX_BATCH_RECORDS) {
      throw new AwsError('InvalidArgumentException', `Records must have 1 to ${MAX_BATCH_RECORDS} items`);
    }
    const records = given.map(decodeRecord);
    if (records.reduce((total, record) => total + record.byteLength, 0) > MAX_BATCH_BYTES) {
      throw new AwsError('InvalidArgumentException', `Records must have at most ${MAX_BATCH_BYTES} bytes in all`);
    }
    const runner = book.runner(name);
    for (const record of records) runner.append(record);
    return { FailedPutCount: 0, Encrypted: false, RequestResponses: records.map(() => ({ RecordId: ids.uuid() })) };
  },
});

const shown = ({ name, arn, createdAtMs, versionId, destination }: DeliveryStream) => ({
  DeliveryStreamDescription: {
    DeliveryStreamName: name,
    DeliveryStreamARN: arn,
    DeliveryStreamStatus: 'ACTIVE',
    DeliveryStreamType: 'DirectPut',
    VersionId: String(versionId),
    CreateTimestamp: createdAtMs / 1000,
    HasMoreDestinations: false,
    Destinations: [
      {
        DestinationId: 'destinationId-000000000001',
        ExtendedS3DestinationDescription: {
          BucketARN: destination.bucketArn,
          RoleARN: destination.roleArn,
          Prefix: destination.prefix,
          ErrorOutputPrefix: destination.errorPrefix,
          CompressionFormat: destination.gzip ? 'GZIP' : 'UNCOMPRESSED',
          EncryptionConfiguration: { NoEncryptionConfig: 'NoEncryption' },
          BufferingHints: {
            SizeInMBs: destination.bufferBytes / (1024 * 1024),
            IntervalInSeconds: destination.bufferSeconds,
          },
        },
      },
    ],
  },
});

const streamOperations = (book: StreamBook): Readonly<Record<string, JsonOperation>> => ({
  DescribeDeliveryStream: (input) =>
    shown(
      book.get(
        readFields(input, FRAME, (fields) => {
          fields.ignore('a stream has one destination here', 'Limit');
          return fields.requiredText('DeliveryStreamName');
        }),
      ),
    ),
  ListDeliveryStreams: (input) => {
    const { after, limit } = readFields(input, FRAME, (fields) => {
      fields.choice('DeliveryStreamType', ['DirectPut']);
      return {
        after: fields.text('ExclusiveStartDeliveryStreamName') ?? '',
        limit: fields.integer('Limit', { min: 1, max: 10_000 }) ?? 10,
      };
    });
    const names = book
      .list()
      .map(({ name }) => name)
      .filter((name) => name > after);
    return { DeliveryStreamNames: names.slice(0, limit), HasMoreDeliveryStreams: names.length > limit };
  },
});

const streamResource = (book: StreamBook): ResourceProvider => {
  const put = (context: ResourceContext): ProvisionedResource => {
    const { name, destination } = readProperties(context, (fields) => {
      fields.choice('DeliveryStreamType', ['DirectPut']);
      fields.accept('DeliveryStreamEncryptionConfigurationInput', 'Tags');
      const s3 = fields.object('ExtendedS3DestinationConfiguration', readS3Destination);
      if (s3 === undefined) throw fields.refuse('ExtendedS3DestinationConfiguration', 'is required here');
      return { name: fields.text('DeliveryStreamName') ?? shortenName(context.generatedName, 64), destination: s3 };
    });
    const stream = book.put(name, destination);
    return { physicalId: stream.name, attributes: { Arn: stream.arn } };
  };
  return {
    create: async (context) => put(context),
    update: async (context) => {
      const written = put(context);
      if (written.physicalId !== context.physicalId) book.delete(context.physicalId);
      return written;
    },
    delete: async ({ physicalId }) => book.delete(physicalId),
  };
};

/** Firehose: Direct PUT streams that buffer on disk and deliver to S3. */
export const createFirehoseService = (context: ServiceContext): FirehoseService => {
  const book = createStreamBook(context);
  const guard = { access: context.access, service: 'firehose' };
  const rules = firehoseAccess(context);
  return {
    signingName: 'firehose',
    handle: createJsonHandler({
      targetPrefix: 'Firehose_20150804',
      version: '1.1',
      operations: guardOperations(guard, rules, { ...recordOperations(book, context.ids), ...streamOperations(book) }),
    }),
    resources: { 'AWS::KinesisFirehose::DeliveryStream': streamResource(book) },
    deliver: async (targetArn, payload, from) => {
      if (from !== undefined) requireAll(guard, from, putNeeds(targetArn));
      book.runner(targetArn.split('/').at(-1) ?? '').append(Buffer.from(payload));
    },
    start: async () => {
      for (const { name } of book.list()) book.runner(name).start();
    },
    stop: async () => book.stop(),
  };
};
