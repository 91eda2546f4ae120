import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../../../shared/kernel/time.ts';
import type { ServiceContext, TimerHandle } from '../contracts.ts';
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

const deliver = async (context: ServiceContext, stream: DeliveryStream, buffer: SealedBuffer): Promise<void> => {
  const { bucketArn, roleArn, gzip: compressed } = stream.destination;
  const plain = buffer.read();
  const parameters = {
    Bucket: bucketArn.replace(/^arn:aws:s3:::/, ''),
    Key: objectKey(stream, buffer.openedAtMs, buffer.id),
    Body: compressed ? await compress(plain) : plain,
    ContentType: 'application/octet-stream',
  };
  await context.ports.call('s3', 'PutObject', parameters, roleArn);
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
    try {
      await deliver(context, stream, sealed);
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
  const buffer = openStreamBuffer(folder, clock.nowMs);
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
