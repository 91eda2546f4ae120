import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../../../shared/kernel/time.ts';
import { AwsError, type DeliveryFault, type ServiceContext, type TimerHandle } from '../contracts.ts';
import { requireAll } from '../iam/guard.ts';
import { deliveryNeeds } from './access.ts';
import type { DeliveryStream } from './delivery-stream.ts';
import { objectKey } from './object-key.ts';
import { openStreamBuffer, type SealedBuffer, type StreamBuffer } from './stream-buffer.ts';

const compress = promisify(gzip);
const FIRST_PAUSE_MS = 10 * SECOND_MS;
const LONGEST_PAUSE_MS = 5 * MINUTE_MS;
/** After which AWS, too, gives a delivery to S3 up. */
const GIVE_UP_MS = DAY_MS;

/** Buffers one stream's records and delivers them by size or by time. */
export interface StreamRunner {
  readonly append: (record: Uint8Array) => void;
  /** Takes the stream's changed settings. */
  readonly configure: (stream: DeliveryStream) => void;
  readonly start: () => void;
  readonly stop: () => void;
  /** Deletes what is buffered. */
  readonly delete: () => void;
}

const fault = (context: ServiceContext, { name, destination }: DeliveryStream): DeliveryFault | undefined =>
  context.faults.delivery({ service: 'firehose', source: name, targetArn: destination.bucketArn });

/** One object: the id makes its key. */
const putObject = async (
  context: ServiceContext,
  stream: DeliveryStream,
  { openedAtMs, id, body }: { readonly openedAtMs: number; readonly id: string; readonly body: Uint8Array },
): Promise<void> => {
  const { bucketArn, roleArn, keyArn } = stream.destination;
  const parameters = {
    Bucket: bucketArn.replace(/^arn:aws:s3:::/, ''),
    Key: objectKey(stream, openedAtMs, id),
    Body: body,
    ContentType: 'application/octet-stream',
    ...(keyArn === undefined ? {} : { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: keyArn }),
  };
  const principal = { service: 'firehose.amazonaws.com', sourceArn: stream.arn, roleArn };
  requireAll({ access: context.access, service: 's3' }, principal, deliveryNeeds(context, stream, parameters.Key));
  await context.ports.call('s3', 'PutObject', parameters, roleArn);
};

const deliver = async (
  context: ServiceContext,
  stream: DeliveryStream,
  buffer: SealedBuffer,
  injected: DeliveryFault | undefined,
): Promise<void> => {
  if (injected?.kind === 'reject') throw new AwsError('ServiceUnavailable', 'Please reduce your request rate.', 503);
  const plain = buffer.read();
  const body = stream.destination.gzip ? await context.clock.native('compression', () => compress(plain)) : plain;
  await putObject(context, stream, { openedAtMs: buffer.openedAtMs, id: buffer.id, body });
  // Delivery is at least once: the same records may come again in an object of their own.
  if (injected?.kind === 'duplicate') {
    await putObject(context, stream, { openedAtMs: buffer.openedAtMs, id: context.ids.uuid(), body });
  }
  const dimensions = { DeliveryStreamName: stream.name };
  const metric = { namespace: 'AWS/Firehose', dimensions };
  context.ports.putMetric({ ...metric, name: 'DeliveryToS3.Success', value: 1, unit: 'Count' });
  context.ports.putMetric({ ...metric, name: 'DeliveryToS3.Bytes', value: plain.length, unit: 'Bytes' });
};

const createDeliverer = (context: ServiceContext, buffer: StreamBuffer, streamNow: () => DeliveryStream) => {
  const { clock } = context;
  const inFlight = new Set<string>();

  const attempt = async (sealed: SealedBuffer, sinceMs: number, pauseMs: number): Promise<void> => {
    const stream = streamNow();
    const injected = fault(context, stream);
    if (injected?.kind === 'delay') {
      run(sealed, clock.nowMs() + injected.delayMs, sinceMs, pauseMs);
      return;
    }
    try {
      await deliver(context, stream, sealed, injected);
      buffer.discard(sealed);
      inFlight.delete(sealed.id);
    } catch (error) {
      const givesUp = clock.nowMs() - sinceMs > GIVE_UP_MS;
      const level = givesUp ? 'error' : 'warn';
      context.ports.log({
        level,
        message: 'delivery to S3 failed',
        stream: stream.name,
        givesUp,
        error: String(error),
      });
      context.ports.putMetric({
        namespace: 'AWS/Firehose',
        name: 'DeliveryToS3.Success',
        dimensions: { DeliveryStreamName: stream.name },
        value: 0,
        unit: 'Count',
      });
      if (givesUp) buffer.discard(sealed);
      else run(sealed, clock.nowMs() + pauseMs, sinceMs, Math.min(pauseMs * 2, LONGEST_PAUSE_MS));
    }
  };

  const run = (sealed: SealedBuffer, atMs: number, sinceMs: number, pauseMs: number): void => {
    const label = `firehose ${sealed.id}`;
    clock.at(atMs, label, () => clock.during(label, () => attempt(sealed, sinceMs, pauseMs)));
  };

  return (): void => {
    for (const sealed of buffer.sealed()) {
      if (inFlight.has(sealed.id)) continue;
      inFlight.add(sealed.id);
      run(sealed, clock.nowMs(), clock.nowMs(), FIRST_PAUSE_MS);
    }
  };
};

export const createStreamRunner = (context: ServiceContext, initial: DeliveryStream): StreamRunner => {
  const { clock } = context;
  const folder = join(context.store.folder, 'firehose', initial.name);
  const buffer = openStreamBuffer(folder, clock.nowMs, context.ids.uuid);
  let stream = initial;
  let delimiter = Buffer.from(stream.destination.delimiter);
  let timer: TimerHandle | undefined;
  const deliverSealed = createDeliverer(context, buffer, () => stream);

  const flush = (): void => {
    timer?.cancel();
    timer = undefined;
    buffer.seal();
    deliverSealed();
  };

  const awaitInterval = (): void => {
    const openedAtMs = buffer.openedAtMs();
    if (openedAtMs === undefined) return;
    timer?.cancel();
    timer = clock.at(openedAtMs + stream.destination.bufferSeconds * SECOND_MS, `firehose ${stream.name}`, flush);
  };

  return {
    append: (record) => {
      const { sizeBytes, opened } = buffer.append(delimiter.length === 0 ? record : Buffer.concat([record, delimiter]));
      if (opened) awaitInterval();
      if (sizeBytes >= stream.destination.bufferBytes) flush();
    },
    configure: (changed) => {
      stream = changed;
      delimiter = Buffer.from(changed.destination.delimiter);
      awaitInterval();
    },
    start: () => {
      deliverSealed();
      awaitInterval();
    },
    stop: () => {
      timer?.cancel();
      buffer.close();
    },
    delete: () => {
      timer?.cancel();
      buffer.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
