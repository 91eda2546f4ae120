import { AwsError } from '../../contracts.ts';
import { parseEventPattern } from '../../events/event-pattern.ts';
import type { Fields } from '../../protocols/fields.ts';
import type { EventSourceMapping, StreamSettings } from './mapping.ts';

/** The settings of a mapping as the API and the template name them, and what they may be together. */

const MOST_FILTERS = 5;
const LONGEST_PATTERN = 4_096;
const FOREVER = -1;
/** A batch above this needs a window to be gathered in: one receive gives no more. */
const BATCH_WITHOUT_WINDOW = 10;
const DEFAULTS = {
  queue: { batchSize: 10, mostRecords: 10_000 },
  stream: { batchSize: 100, mostRecords: 10_000 },
} as const;

export const invalid = (message: string): AwsError =>
  new AwsError('InvalidParameterValueException', message, 400, { Type: 'User' });

const readFilters = (fields: Fields): readonly string[] | undefined =>
  fields.object('FilterCriteria', (criteria) =>
    (criteria.list('Filters', (filter) => filter.text('Pattern')) ?? []).filter((pattern) => pattern !== undefined),
  );

/** What was given, nothing decided yet. */
export const readGivenMapping = (fields: Fields) => ({
  functionName: fields.text('FunctionName'),
  enabled: fields.flag('Enabled'),
  batchSize: fields.integer('BatchSize', { min: 1, max: 10_000 }),
  windowSeconds: fields.integer('MaximumBatchingWindowInSeconds', { min: 0, max: 300 }),
  filters: readFilters(fields),
  responseTypes: fields.texts('FunctionResponseTypes'),
  maximumConcurrency: fields.object('ScalingConfig', (scaling) =>
    scaling.integer('MaximumConcurrency', { min: 2, max: 1_000 }),
  ),
  // Parts of a shard at once would give up the one order that this stream has.
  parallelization: fields.integer('ParallelizationFactor', { min: 1, max: 1 }),
  bisects: fields.flag('BisectBatchOnFunctionError'),
  maximumRetryAttempts: fields.integer('MaximumRetryAttempts', { min: FOREVER, max: 10_000 }),
  maximumRecordAgeSeconds: fields.integer('MaximumRecordAgeInSeconds', { min: FOREVER, max: 604_800 }),
  onFailureArn: fields.object('DestinationConfig', (config) =>
    config.object('OnFailure', (destination) => destination.text('Destination') ?? ''),
  ),
});

/** What only a new mapping is told. */
export const readNewMapping = (fields: Fields) => ({
  ...readGivenMapping(fields),
  eventSourceArn: fields.requiredText('EventSourceArn'),
  startingPosition: fields.choice('StartingPosition', ['TRIM_HORIZON', 'LATEST', 'AT_TIMESTAMP']),
});

export type GivenMapping = ReturnType<typeof readGivenMapping>;
export type NewMapping = ReturnType<typeof readNewMapping>;

/** @throws AwsError for a source that is neither a queue nor a table's stream */
export const kindOf = (eventSourceArn: string): EventSourceMapping['kind'] => {
  if (/^arn:aws:sqs:[^:]+:\d+:[A-Za-z0-9_-]+$/.test(eventSourceArn)) return 'queue';
  if (/^arn:aws:dynamodb:[^:]+:\d+:table\/[^/]+\/stream\/[^/]+$/.test(eventSourceArn)) return 'stream';
  throw invalid(`event source ${eventSourceArn} is not supported here: a queue of SQS or a stream of DynamoDB is`);
};

const checkFilters = (filters: readonly string[]): void => {
  if (filters.length > MOST_FILTERS) throw invalid(`FilterCriteria has at most ${MOST_FILTERS} filters`);
  for (const pattern of filters) {
    try {
      if (pattern.length > LONGEST_PATTERN) throw new Error('too long');
      parseEventPattern(pattern);
    } catch {
      throw invalid('Invalid filter pattern definition.');
    }
  }
};

const refuseForQueue = (given: GivenMapping): void => {
  const streamOnly = {
    BisectBatchOnFunctionError: given.bisects,
    MaximumRetryAttempts: given.maximumRetryAttempts,
    MaximumRecordAgeInSeconds: given.maximumRecordAgeSeconds,
    ParallelizationFactor: given.parallelization,
    DestinationConfig: given.onFailureArn,
  };
  const wrong = Object.entries(streamOnly).find(([, value]) => value !== undefined);
  if (wrong !== undefined) throw invalid(`Unsupported ${wrong[0]} parameter for given event source mapping type.`);
};

const withDefault = <T>(given: T | undefined, before: T | undefined, otherwise: T): T => given ?? before ?? otherwise;

const readStreamSettings = (
  given: GivenMapping & { readonly startingPosition?: NewMapping['startingPosition'] },
  before: StreamSettings | undefined,
): StreamSettings => {
  const startingPosition = before?.startingPosition ?? given.startingPosition;
  if (startingPosition === undefined) throw invalid('1 validation error detected: Value null at startingPosition');
  if (startingPosition === 'AT_TIMESTAMP') throw invalid('Unsupported starting position for arn type: AT_TIMESTAMP');
  if (given.maximumConcurrency !== undefined) {
    throw invalid('Unsupported ScalingConfig parameter for given event source mapping type.');
  }
  const maximumRecordAgeSeconds = withDefault(given.maximumRecordAgeSeconds, before?.maximumRecordAgeSeconds, FOREVER);
  if (maximumRecordAgeSeconds !== FOREVER && maximumRecordAgeSeconds < 60) {
    throw invalid(`MaximumRecordAgeInSeconds must be -1 or from 60 to 604800, got ${maximumRecordAgeSeconds}`);
  }
  const onFailureArn = given.onFailureArn ?? before?.onFailureArn ?? '';
  if (!/^$|^arn:aws:(sqs|sns):/.test(onFailureArn)) {
    throw invalid(`the destination must be a queue or a topic here, got ${onFailureArn}`);
  }
  return {
    startingPosition,
    bisects: withDefault(given.bisects, before?.bisects, false),
    maximumRetryAttempts: withDefault(given.maximumRetryAttempts, before?.maximumRetryAttempts, FOREVER),
    maximumRecordAgeSeconds,
    ...(onFailureArn === '' ? {} : { onFailureArn }),
  };
};

const reportsItemFailures = (types: readonly string[]): boolean => {
  const unknown = types.find((type) => type !== 'ReportBatchItemFailures');
  if (unknown !== undefined) throw invalid(`FunctionResponseTypes must be ReportBatchItemFailures, got ${unknown}`);
  return types.length > 0;
};

export type MappingSettings = Pick<
  EventSourceMapping,
  | 'kind'
  | 'enabled'
  | 'batchSize'
  | 'windowSeconds'
  | 'filters'
  | 'reportsItemFailures'
  | 'maximumConcurrency'
  | 'stream'
>;

/** The settings of a mapping after what was given, over those before. @throws AwsError InvalidParameterValueException */
export const decideSettings = (
  given: GivenMapping & { readonly startingPosition?: NewMapping['startingPosition'] },
  kind: EventSourceMapping['kind'],
  before?: EventSourceMapping,
): MappingSettings => {
  const { batchSize: defaultSize } = DEFAULTS[kind];
  const batchSize = withDefault(given.batchSize, before?.batchSize, defaultSize);
  const windowSeconds = withDefault(given.windowSeconds, before?.windowSeconds, 0);
  const filters = withDefault(given.filters, before?.filters, []);
  const maximumConcurrency = given.maximumConcurrency ?? before?.maximumConcurrency;
  checkFilters(filters);
  if (kind === 'queue') refuseForQueue(given);
  if (kind === 'queue' && batchSize > BATCH_WITHOUT_WINDOW && windowSeconds === 0) {
    throw invalid(
      `Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than ${BATCH_WITHOUT_WINDOW}`,
    );
  }
  return {
    kind,
    enabled: withDefault(given.enabled, before?.enabled, true),
    batchSize,
    windowSeconds,
    filters,
    reportsItemFailures:
      given.responseTypes === undefined
        ? (before?.reportsItemFailures ?? false)
        : reportsItemFailures(given.responseTypes),
    ...(maximumConcurrency === undefined ? {} : { maximumConcurrency }),
    ...(kind === 'stream' ? { stream: readStreamSettings(given, before?.stream) } : {}),
  };
};
