import { AwsError } from '../contracts.ts';
import { type Fields, readFields } from '../protocols/fields.ts';
import type { JsonOperation } from '../protocols/json.ts';
import { parseEventPattern } from './event-pattern.ts';
import type { EventRouter } from './event-router.ts';
import type { RuleBook } from './rule-book.ts';
import { busNameOf, DEFAULT_BUS, type EventBus, type Rule, type RuleTarget, readTarget } from './rules.ts';

const MAX_ENTRIES = 10;
/** Of all entries together. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html */
const LARGEST_REQUEST_BYTES = 1_048_576;
const TIME_BYTES = 14;
const MOST_LISTED = 100;

const TOP = {};
const busOf = (fields: Fields): string => busNameOf(fields.text('EventBusName') ?? DEFAULT_BUS);

interface FailedEntry {
  readonly ErrorCode: string;
  readonly ErrorMessage: string;
}

const failed = (ErrorCode: string, ErrorMessage: string): FailedEntry => ({ ErrorCode, ErrorMessage });

const readEntry = (fields: Fields) => ({
  source: fields.text('Source'),
  detailType: fields.text('DetailType'),
  detail: fields.text('Detail'),
  resources: fields.texts('Resources'),
  atMs: fields.instant('Time'),
  busName: busOf(fields),
});

const parseDetail = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const putEntry = (router: EventRouter, entry: ReturnType<typeof readEntry>): { EventId: string } | FailedEntry => {
  const { source, detailType, detail: text, busName, resources, atMs } = entry;
  const missing = Object.entries({ Source: source, DetailType: detailType, Detail: text }).find(([, value]) => !value);
  if (missing !== undefined || !source || !detailType || text === undefined) {
    const name = missing?.[0];
    return failed('InvalidArgument', `Parameter ${name} is not valid. Reason: ${name} is a required argument.`);
  }
  if (source.startsWith('aws.')) return failed('NotAuthorizedForSourceException', 'Not authorized for the source.');
  const detail = parseDetail(text);
  if (typeof detail !== 'object' || detail === null || Array.isArray(detail)) {
    return failed('MalformedDetail', 'Detail is malformed.');
  }
  return { EventId: router.put({ busName, source, detailType, detail, resources, atMs }) };
};

/** As AWS counts it: the texts alone, without what holds them together. */
const entryBytes = ({ source, detailType, detail, resources, atMs }: ReturnType<typeof readEntry>): number =>
  [source, detailType, detail, ...(resources ?? [])].reduce(
    (sum, text) => sum + Buffer.byteLength(text ?? ''),
    atMs === undefined ? 0 : TIME_BYTES,
  );

const readPage = (fields: Fields) => ({
  limit: fields.integer('Limit', { min: 1, max: MOST_LISTED }),
  token: fields.text('NextToken'),
});

/** One page of items in order; the token is the position to go on from. */
const pageOf = <T>(items: readonly T[], { limit = MOST_LISTED, token = '0' }: ReturnType<typeof readPage>) => {
  const start = Number(token);
  if (!Number.isInteger(start) || start < 0) throw new AwsError('ValidationException', 'NextToken is not valid.');
  const end = start + limit;
  return { page: items.slice(start, end), ...(end < items.length ? { NextToken: String(end) } : {}) };
};

const putEvents =
  (router: EventRouter): JsonOperation =>
  (input) => {
    const entries = readFields(input, TOP, (fields) => fields.list('Entries', readEntry)) ?? [];
    if (entries.length < 1 || entries.length > MAX_ENTRIES) {
      const wanted = entries.length < 1 ? `greater than or equal to 1` : `less than or equal to ${MAX_ENTRIES}`;
      throw new AwsError(
        'ValidationException',
        `1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length ${wanted}`,
      );
    }
    if (entries.reduce((sum, entry) => sum + entryBytes(entry), 0) > LARGEST_REQUEST_BYTES) {
      throw new AwsError('ValidationException', 'Total size of the entries in the request is over the limit.');
    }
    // A missing bus fails the call before any entry is taken.
    for (const entry of entries) router.book.buses.get(entry.busName);
    const results = entries.map((entry) => putEntry(router, entry));
    return { FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length, Entries: results };
  };

const shownBus = (bus: EventBus) => ({
  Name: bus.name,
  Arn: bus.arn,
  Description: bus.description,
  Policy: bus.policy === undefined ? undefined : JSON.stringify(bus.policy),
  CreationTime: bus.createdAtMs / 1000,
});

const shownRule = (rule: Rule) => ({
  Name: rule.name,
  Arn: rule.arn,
  EventPattern: rule.eventPattern,
  ScheduleExpression: rule.scheduleExpression,
  State: rule.state,
  Description: rule.description,
  RoleArn: rule.roleArn,
  EventBusName: rule.busName,
});

const shownTarget = (target: RuleTarget) => ({
  Id: target.id,
  Arn: target.arn,
  RoleArn: target.roleArn,
  Input: target.input,
  InputPath: target.inputPath,
  InputTransformer: target.inputTransformer && {
    InputPathsMap: target.inputTransformer.inputPathsMap,
    InputTemplate: target.inputTransformer.inputTemplate,
  },
  RetryPolicy: target.retryPolicy && {
    MaximumRetryAttempts: target.retryPolicy.maximumRetryAttempts,
    MaximumEventAgeInSeconds: target.retryPolicy.maximumEventAgeSeconds,
  },
  DeadLetterConfig: target.deadLetterArn === undefined ? undefined : { Arn: target.deadLetterArn },
});

const readRuleKey = (fields: Fields, nameField: string) => ({
  busName: busOf(fields),
  name: fields.requiredText(nameField),
});

const ruleOperations = (book: RuleBook): Readonly<Record<string, JsonOperation>> => ({
  PutRule: (input) => {
    const rule = readFields(input, TOP, (fields) => {
      fields.ignore('nothing here asks for tags', 'Tags');
      return {
        ...readRuleKey(fields, 'Name'),
        eventPattern: fields.text('EventPattern'),
        scheduleExpression: fields.text('ScheduleExpression'),
        state: fields.choice('State', ['ENABLED', 'DISABLED']),
        description: fields.text('Description'),
        roleArn: fields.text('RoleArn'),
      };
    });
    return { RuleArn: book.putRule(rule).arn };
  },
  DescribeRule: (input) => {
    const { busName, name } = readFields(input, TOP, (fields) => readRuleKey(fields, 'Name'));
    return shownRule(book.rule(busName, name));
  },
  DeleteRule: (input) => {
    const { busName, name } = readFields(input, TOP, (fields) => {
      fields.ignore('it concerns rules that an AWS service manages, of which there are none here', 'Force');
      return readRuleKey(fields, 'Name');
    });
    book.deleteRule(busName, name, false);
  },
  EnableRule: (input) => {
    const { busName, name } = readFields(input, TOP, (fields) => readRuleKey(fields, 'Name'));
    book.setState(busName, name, 'ENABLED');
  },
  DisableRule: (input) => {
    const { busName, name } = readFields(input, TOP, (fields) => readRuleKey(fields, 'Name'));
    book.setState(busName, name, 'DISABLED');
  },
  ListRules: (input) => {
    const { busName, prefix, ...asked } = readFields(input, TOP, (fields) => ({
      busName: busOf(fields),
      prefix: fields.text('NamePrefix') ?? '',
      ...readPage(fields),
    }));
    book.buses.get(busName);
    const found = book.rules(busName).filter((rule) => rule.name.startsWith(prefix));
    const { page, NextToken } = pageOf(found, asked);
    return { Rules: page.map(shownRule), NextToken };
  },
  ListRuleNamesByTarget: (input) => {
    const { busName, arn, ...asked } = readFields(input, TOP, (fields) => ({
      busName: busOf(fields),
      arn: fields.requiredText('TargetArn'),
      ...readPage(fields),
    }));
    const rules = book.rules(busName).filter((rule) => rule.targets.some((target) => target.arn === arn));
    const { page, NextToken } = pageOf(rules, asked);
    return { RuleNames: page.map((rule) => rule.name), NextToken };
  },
  PutTargets: (input) => {
    const { busName, name, targets } = readFields(input, TOP, (fields) => ({
      ...readRuleKey(fields, 'Rule'),
      targets: fields.list('Targets', readTarget) ?? [],
    }));
    book.putTargets(busName, name, targets);
    return { FailedEntryCount: 0, FailedEntries: [] };
  },
  RemoveTargets: (input) => {
    const { busName, name, ids } = readFields(input, TOP, (fields) => {
      fields.ignore('it concerns rules that an AWS service manages, of which there are none here', 'Force');
      return { ...readRuleKey(fields, 'Rule'), ids: fields.texts('Ids') ?? [] };
    });
    book.removeTargets(busName, name, ids);
    return { FailedEntryCount: 0, FailedEntries: [] };
  },
  ListTargetsByRule: (input) => {
    const { busName, name, ...asked } = readFields(input, TOP, (fields) => ({
      ...readRuleKey(fields, 'Rule'),
      ...readPage(fields),
    }));
    const { page, NextToken } = pageOf(book.rule(busName, name).targets, asked);
    return { Targets: page.map(shownTarget), NextToken };
  },
});

const busOperations = (book: RuleBook): Readonly<Record<string, JsonOperation>> => ({
  CreateEventBus: (input) => {
    const bus = readFields(input, TOP, (fields) => {
      fields.ignore('nothing here asks for tags', 'Tags');
      return { name: fields.requiredText('Name'), description: fields.text('Description') };
    });
    if (book.buses.list().some((one) => one.name === bus.name)) {
      throw new AwsError('ResourceAlreadyExistsException', `Event bus ${bus.name} already exists.`);
    }
    return { EventBusArn: book.buses.put(bus).arn };
  },
  DeleteEventBus: (input) => book.buses.delete(readFields(input, TOP, (fields) => fields.requiredText('Name'))),
  DescribeEventBus: (input) => {
    const name = readFields(input, TOP, (fields) => busNameOf(fields.text('Name') ?? DEFAULT_BUS));
    return shownBus(book.buses.get(name));
  },
  ListEventBuses: (input) => {
    const { prefix, ...asked } = readFields(input, TOP, (fields) => ({
      prefix: fields.text('NamePrefix') ?? '',
      ...readPage(fields),
    }));
    const found = book.buses.list().filter((bus) => bus.name.startsWith(prefix));
    const { page, NextToken } = pageOf(found, asked);
    return { EventBuses: page.map(shownBus), NextToken };
  },
  TestEventPattern: (input) => {
    const { pattern, event } = readFields(input, TOP, (fields) => ({
      pattern: fields.requiredText('EventPattern'),
      event: fields.requiredText('Event'),
    }));
    const parsed = parseDetail(event);
    if (parsed === undefined) throw new AwsError('ValidationException', 'Parameter Event is not valid.');
    return { Result: parseEventPattern(pattern)(parsed) };
  },
});

export const eventsOperations = (router: EventRouter): Readonly<Record<string, JsonOperation>> => ({
  PutEvents: putEvents(router),
  ...ruleOperations(router.book),
  ...busOperations(router.book),
});
