import { AwsError } from '../contracts.ts';
import { type Fields, readFields } from '../protocols/fields.ts';
import type { JsonOperation } from '../protocols/json.ts';
import { parseEventPattern } from './event-pattern.ts';
import type { EventRouter } from './event-router.ts';
import type { RuleBook } from './rule-book.ts';
import { busNameOf, DEFAULT_BUS, type EventBus, type Rule, type RuleTarget, readTarget } from './rules.ts';

const MAX_ENTRIES = 10;
const MAX_REQUEST_BYTES = 262_144;

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
  if (!source || !detailType || text === undefined) {
    return failed('InvalidArgument', 'Source, DetailType and Detail are required.');
  }
  if (source.startsWith('aws.')) return failed('NotAuthorizedForSourceException', 'Not authorized for the source.');
  const detail = parseDetail(text);
  if (typeof detail !== 'object' || detail === null || Array.isArray(detail)) {
    return failed('MalformedDetail', 'Detail is malformed.');
  }
  return { EventId: router.put({ busName, source, detailType, detail, resources, atMs }) };
};

const putEvents =
  (router: EventRouter): JsonOperation =>
  (input) => {
    const entries = readFields(input, TOP, (fields) => fields.list('Entries', readEntry)) ?? [];
    if (entries.length < 1 || entries.length > MAX_ENTRIES) {
      throw new AwsError('ValidationException', `Entries must have 1 to ${MAX_ENTRIES} items, got ${entries.length}`);
    }
    if (Buffer.byteLength(JSON.stringify(input)) > MAX_REQUEST_BYTES) {
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
      fields.accept('Tags');
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
      // Force concerns rules that an AWS service manages, of which there are none here.
      fields.accept('Force');
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
    const { busName, prefix } = readFields(input, TOP, (fields) => {
      fields.accept('Limit');
      return { busName: busOf(fields), prefix: fields.text('NamePrefix') ?? '' };
    });
    book.buses.get(busName);
    return {
      Rules: book
        .rules(busName)
        .filter((rule) => rule.name.startsWith(prefix))
        .map(shownRule),
    };
  },
  ListRuleNamesByTarget: (input) => {
    const { busName, arn } = readFields(input, TOP, (fields) => {
      fields.accept('Limit');
      return { busName: busOf(fields), arn: fields.requiredText('TargetArn') };
    });
    const rules = book.rules(busName).filter((rule) => rule.targets.some((target) => target.arn === arn));
    return { RuleNames: rules.map((rule) => rule.name) };
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
      fields.accept('Force');
      return { ...readRuleKey(fields, 'Rule'), ids: fields.texts('Ids') ?? [] };
    });
    book.removeTargets(busName, name, ids);
    return { FailedEntryCount: 0, FailedEntries: [] };
  },
  ListTargetsByRule: (input) => {
    const { busName, name } = readFields(input, TOP, (fields) => {
      fields.accept('Limit');
      return readRuleKey(fields, 'Rule');
    });
    return { Targets: book.rule(busName, name).targets.map(shownTarget) };
  },
});

const busOperations = (book: RuleBook): Readonly<Record<string, JsonOperation>> => ({
  CreateEventBus: (input) => {
    const bus = readFields(input, TOP, (fields) => {
      fields.accept('Tags');
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
    const prefix = readFields(input, TOP, (fields) => {
      fields.accept('Limit');
      return fields.text('NamePrefix') ?? '';
    });
    return {
      EventBuses: book.buses
        .list()
        .filter((bus) => bus.name.startsWith(prefix))
        .map(shownBus),
    };
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
