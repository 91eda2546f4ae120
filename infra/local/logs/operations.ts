import { DAY_MS, HOUR_MS } from '../../../shared/kernel/time.ts';
import { AwsError, type ServiceContext } from '../contracts.ts';
import { type Fields, readFields } from '../protocols/fields.ts';
import type { JsonOperation } from '../protocols/json.ts';
import type { LogBook, LogGroup } from './log-book.ts';
import type { LogEvent } from './log-file.ts';
import { parseLogPattern } from './log-pattern.ts';
import { readTransformation } from './metric-filter.ts';

const FRAME = { code: 'InvalidParameterException' };
const MAX_EVENTS = 10_000;
/** Of a batch, counting 26 bytes beside each message. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html */
const MAX_BATCH_BYTES = 1_048_576;
const EVENT_OVERHEAD_BYTES = 26;
const PAGE = 50;

const RETENTION_DAYS: readonly number[] = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

export const readRetention = (fields: Fields, name: string): number | undefined => {
  const days = fields.integer(name, { min: 1, max: 3653 });
  if (days !== undefined && !RETENTION_DAYS.includes(days)) {
    throw fields.refuse(name, `must be one of ${RETENTION_DAYS.join(', ')}, got ${days}`);
  }
  return days;
};

/** A group's name from its name or its ARN. */
const readGroup = (fields: Fields): string => {
  const identifier = fields.text('logGroupIdentifier');
  const name =
    fields.text('logGroupName') ?? identifier?.replace(/^arn:aws:logs:[^:]*:\d*:log-group:/, '').replace(/:\*$/, '');
  if (name === undefined) throw fields.refuse('logGroupName', 'is required');
  return name;
};

const paged = <T>(items: readonly T[], token: string | undefined, limit: number) => {
  const from = Number(token ?? 0);
  const end = from + limit;
  return { page: items.slice(from, end), nextToken: end < items.length ? String(end) : undefined };
};

const shownGroup = (book: LogBook, group: LogGroup) => ({
  logGroupName: group.name,
  arn: `${group.arn}:*`,
  logGroupArn: group.arn,
  creationTime: group.createdAtMs,
  retentionInDays: group.retentionDays,
  kmsKeyId: group.kmsKeyArn,
  metricFilterCount: book.filters(group.name).length,
  logGroupClass: 'STANDARD',
});

const groupOperations = (book: LogBook): Readonly<Record<string, JsonOperation>> => ({
  CreateLogGroup: (input) => {
    const group = readFields(input, FRAME, (fields) => {
      fields.ignore('no operation here reads tags back', 'tags');
      fields.choice('logGroupClass', ['STANDARD']);
      return { name: fields.requiredText('logGroupName'), kmsKeyArn: fields.text('kmsKeyId') };
    });
    if (book.groups(group.name).some(({ name }) => name === group.name)) {
      throw new AwsError('ResourceAlreadyExistsException', 'The specified log group already exists');
    }
    book.putGroup(group);
  },
  DeleteLogGroup: (input) => {
    const { name } = book.group(readFields(input, FRAME, readGroup));
    book.deleteGroup(name);
  },
  PutRetentionPolicy: (input) => {
    const { name, retentionDays } = readFields(input, FRAME, (fields) => ({
      name: readGroup(fields),
      retentionDays: readRetention(fields, 'retentionInDays'),
    }));
    book.putGroup({ ...book.group(name), retentionDays });
  },
  DeleteRetentionPolicy: (input) => {
    book.putGroup({ ...book.group(readFields(input, FRAME, readGroup)), retentionDays: undefined });
  },
  DescribeLogGroups: (input) => {
    const { prefix, infix, token, limit } = readFields(input, FRAME, (fields) => ({
      prefix: fields.text('logGroupNamePrefix') ?? '',
      infix: fields.text('logGroupNamePattern') ?? '',
      token: fields.text('nextToken'),
      limit: fields.integer('limit', { min: 1, max: PAGE }) ?? PAGE,
    }));
    const { page, nextToken } = paged(
      book.groups(prefix).filter(({ name }) => name.includes(infix)),
      token,
      limit,
    );
    return { logGroups: page.map((group) => shownGroup(book, group)), nextToken };
  },
});

const streamOperations = (book: LogBook): Readonly<Record<string, JsonOperation>> => ({
  CreateLogStream: (input) => {
    const { group, stream } = readFields(input, FRAME, (fields) => ({
      group: readGroup(fields),
      stream: fields.requiredText('logStreamName'),
    }));
    book.group(group);
    if (book.streams(group).some(({ name }) => name === stream)) {
      throw new AwsError('ResourceAlreadyExistsException', 'The specified log stream already exists');
    }
    book.putStream(group, stream);
  },
  DeleteLogStream: (input) => {
    const { group, stream } = readFields(input, FRAME, (fields) => ({
      group: readGroup(fields),
      stream: fields.requiredText('logStreamName'),
    }));
    book.group(group);
    book.deleteStream(group, stream);
  },
  DescribeLogStreams: (input) => {
    const request = readFields(input, FRAME, (fields) => ({
      group: readGroup(fields),
      prefix: fields.text('logStreamNamePrefix') ?? '',
      orderBy: fields.choice('orderBy', ['LogStreamName', 'LastEventTime']),
      descending: fields.flag('descending') ?? false,
      token: fields.text('nextToken'),
      limit: fields.integer('limit', { min: 1, max: PAGE }) ?? PAGE,
    }));
    const { arn } = book.group(request.group);
    const shown = describeStreams(book, request.group, arn).filter(({ logStreamName }) =>
      logStreamName.startsWith(request.prefix),
    );
    if (request.orderBy === 'LastEventTime') {
      shown.sort((a, b) => (a.lastEventTimestamp ?? a.creationTime) - (b.lastEventTimestamp ?? b.creationTime));
    }
    const { page, nextToken } = paged(request.descending ? shown.reverse() : shown, request.token, request.limit);
    return { logStreams: page, nextToken };
  },
});

const describeStreams = (book: LogBook, group: string, arn: string) => {
  const times = new Map<string, { first: number; last: number; ingested: number }>();
  for (const { stream, atMs, ingestedAtMs } of book.read(group)) {
    const known = times.get(stream);
    times.set(stream, {
      first: known?.first ?? atMs,
      last: atMs,
      ingested: Math.max(known?.ingested ?? 0, ingestedAtMs),
    });
  }
  return book.streams(group).map(({ name, createdAtMs }) => ({
    logStreamName: name,
    arn: `${arn}:log-stream:${name}`,
    creationTime: createdAtMs,
    firstEventTimestamp: times.get(name)?.first,
    lastEventTimestamp: times.get(name)?.last,
    lastIngestionTime: times.get(name)?.ingested,
  }));
};

interface PutEvent {
  readonly atMs: number;
  readonly message: string;
}

/** @throws AwsError InvalidParameterException */
const checkBatch = (events: readonly PutEvent[]): void => {
  if (events.length < 1 || events.length > MAX_EVENTS) {
    throw new AwsError('InvalidParameterException', `logEvents must have 1 to ${MAX_EVENTS} items`);
  }
  const bytes = events.reduce((sum, { message }) => sum + Buffer.byteLength(message) + EVENT_OVERHEAD_BYTES, 0);
  if (bytes > MAX_BATCH_BYTES) {
    throw new AwsError(
      'InvalidParameterException',
      `Upload too large: ${bytes} bytes exceeds limit of ${MAX_BATCH_BYTES}`,
    );
  }
  if (events.some(({ message }) => message === '')) {
    throw new AwsError('InvalidParameterException', 'Log event message must not be empty.');
  }
  if (events.some(({ atMs }, index) => index > 0 && atMs < (events[index - 1]?.atMs ?? 0))) {
    throw new AwsError(
      'InvalidParameterException',
      'Log events in a single PutLogEvents request must be in chronological order.',
    );
  }
  if ((events.at(-1)?.atMs ?? 0) - (events[0]?.atMs ?? 0) > DAY_MS) {
    throw new AwsError(
      'InvalidParameterException',
      'The batch of log events in a single PutLogEvents request cannot span more than 24 hours.',
    );
  }
};

const putLogEvents =
  ({ clock }: ServiceContext, book: LogBook): JsonOperation =>
  (input) => {
    const { group, stream, events } = readFields(input, FRAME, (fields) => {
      fields.ignore('AWS takes any since 2023', 'sequenceToken');
      return {
        group: readGroup(fields),
        stream: fields.requiredText('logStreamName'),
        events:
          fields.list('logEvents', (one) => ({
            atMs: one.integer('timestamp', { min: 0, max: Number.MAX_SAFE_INTEGER }) ?? 0,
            message: one.text('message') ?? '',
          })) ?? [],
      };
    });
    book.group(group);
    if (!book.streams(group).some(({ name }) => name === stream)) {
      throw new AwsError('ResourceNotFoundException', 'The specified log stream does not exist.');
    }
    checkBatch(events);
    const nowMs = clock.nowMs();
    const tooOld = events.filter(({ atMs }) => atMs < nowMs - 14 * DAY_MS).length;
    const firstTooNew = events.findIndex(({ atMs }) => atMs > nowMs + 2 * HOUR_MS);
    const taken = events.slice(tooOld, firstTooNew === -1 ? undefined : firstTooNew);
    for (const event of taken) book.append(group, { ...event, ingestedAtMs: nowMs, stream });
    book.flush(group);
    const rejected = {
      ...(tooOld > 0 && { tooOldLogEventEndIndex: tooOld }),
      ...(firstTooNew >= 0 && { tooNewLogEventStartIndex: firstTooNew }),
    };
    return {
      nextSequenceToken: String(nowMs),
      ...(Object.keys(rejected).length > 0 && { rejectedLogEventsInfo: rejected }),
    };
  };

const within =
  (startMs: number | undefined, endMs: number | undefined) =>
  (event: LogEvent): boolean =>
    event.atMs >= (startMs ?? 0) && event.atMs < (endMs ?? Number.POSITIVE_INFINITY);

const readRange = (fields: Fields) => ({
  startMs: fields.integer('startTime', { min: 0, max: Number.MAX_SAFE_INTEGER }),
  endMs: fields.integer('endTime', { min: 0, max: Number.MAX_SAFE_INTEGER }),
  limit: fields.integer('limit', { min: 1, max: MAX_EVENTS }) ?? MAX_EVENTS,
});

const getLogEvents =
  (book: LogBook): JsonOperation =>
  (input) => {
    const request = readFields(input, FRAME, (fields) => ({
      ...readRange(fields),
      group: readGroup(fields),
      stream: fields.requiredText('logStreamName'),
      token: fields.text('nextToken'),
      fromHead: fields.flag('startFromHead') ?? false,
    }));
    const events = book
      .read(request.group)
      .filter((event) => event.stream === request.stream)
      .filter(within(request.startMs, request.endMs));
    const [direction, position] = request.token?.split('/') ?? [request.fromHead ? 'f' : 'b', undefined];
    const at = position === undefined ? (direction === 'f' ? 0 : events.length) : Number(position);
    const from = direction === 'f' ? at : Math.max(0, at - request.limit);
    const end = direction === 'f' ? Math.min(events.length, at + request.limit) : at;
    return {
      events: events.slice(from, end).map(({ atMs, ingestedAtMs, message }) => ({
        timestamp: atMs,
        ingestionTime: ingestedAtMs,
        message,
      })),
      nextForwardToken: `f/${end}`,
      nextBackwardToken: `b/${from}`,
    };
  };

const filterLogEvents =
  (book: LogBook): JsonOperation =>
  (input) => {
    const request = readFields(input, FRAME, (fields) => {
      fields.ignore('events always come interleaved, on AWS too', 'interleaved');
      return {
        ...readRange(fields),
        group: readGroup(fields),
        streams: fields.texts('logStreamNames'),
        prefix: fields.text('logStreamNamePrefix') ?? '',
        pattern: fields.text('filterPattern') ?? '',
        token: fields.text('nextToken'),
      };
    });
    const test = parseLogPattern(request.pattern);
    const found = book
      .read(request.group)
      .map((event, index) => ({ ...event, eventId: `${event.atMs}${String(index).padStart(9, '0')}` }))
      .filter(within(request.startMs, request.endMs))
      .filter(({ stream }) => request.streams?.includes(stream) ?? stream.startsWith(request.prefix))
      .filter(({ message }) => test(message));
    const { page, nextToken } = paged(found, request.token, request.limit);
    return {
      events: page.map(({ atMs, ingestedAtMs, stream, message, eventId }) => ({
        logStreamName: stream,
        timestamp: atMs,
        message,
        ingestionTime: ingestedAtMs,
        eventId,
      })),
      searchedLogStreams: [],
      nextToken,
    };
  };

const filterOperations = ({ clock }: ServiceContext, book: LogBook): Readonly<Record<string, JsonOperation>> => ({
  PutMetricFilter: (input) => {
    const filter = readFields(input, FRAME, (fields) => ({
      group: readGroup(fields),
      name: fields.requiredText('filterName'),
      pattern: fields.text('filterPattern') ?? '',
      createdAtMs: clock.nowMs(),
      transformations: fields.list('metricTransformations', (one) => readTransformation(one, 'api')) ?? [],
    }));
    book.group(filter.group);
    book.putFilter(filter);
  },
  DeleteMetricFilter: (input) => {
    const { group, name } = readFields(input, FRAME, (fields) => ({
      group: readGroup(fields),
      name: fields.requiredText('filterName'),
    }));
    book.deleteFilter(group, name);
  },
  DescribeMetricFilters: (input) => {
    const { group, prefix, token, limit } = readFields(input, FRAME, (fields) => ({
      group: readGroup(fields),
      prefix: fields.text('filterNamePrefix') ?? '',
      token: fields.text('nextToken'),
      limit: fields.integer('limit', { min: 1, max: PAGE }) ?? PAGE,
    }));
    const found = book.filters(group).filter(({ name }) => name.startsWith(prefix));
    const { page, nextToken } = paged(found, token, limit);
    return {
      nextToken,
      metricFilters: page.map(({ name, pattern, createdAtMs, transformations }) => ({
        filterName: name,
        filterPattern: pattern,
        logGroupName: group,
        creationTime: createdAtMs,
        metricTransformations: transformations.map((one) => ({
          metricName: one.name,
          metricNamespace: one.namespace,
          metricValue: one.value,
          defaultValue: one.defaultValue,
          dimensions: one.dimensions,
          unit: one.unit,
        })),
      })),
    };
  },
});

export const logsOperations = (context: ServiceContext, book: LogBook): Readonly<Record<string, JsonOperation>> => ({
  ...groupOperations(book),
  ...streamOperations(book),
  ...filterOperations(context, book),
  PutLogEvents: putLogEvents(context, book),
  GetLogEvents: getLogEvents(book),
  FilterLogEvents: filterLogEvents(book),
});
