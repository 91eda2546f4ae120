import { SECOND_MS } from '../../../../shared/kernel/time.ts';
import { AwsError } from '../../contracts.ts';
import { type FunctionReference, isVersion, parseFunctionReference } from '../function-store.ts';
import type { LambdaState } from '../lambda-state.ts';
import { LATEST } from '../records.ts';
import type { EventSources } from './event-sources.ts';
import { type EventSourceMapping, NOTHING_PROCESSED } from './mapping.ts';
import { createMappingRunner } from './mapping-runner.ts';
import { decideSettings, type GivenMapping, invalid, kindOf, type NewMapping } from './read-mapping.ts';

/** The durable mappings, each followed by its poller. */
export interface MappingBook {
  /** @throws AwsError ResourceNotFoundException */
  get(uuid: string): EventSourceMapping;
  list(): readonly EventSourceMapping[];
  /** @throws AwsError ResourceConflictException, InvalidParameterValueException */
  create(given: NewMapping, takesMs?: number): EventSourceMapping;
  update(uuid: string, given: GivenMapping, takesMs?: number): EventSourceMapping;
  delete(uuid: string, takesMs?: number): EventSourceMapping;
  start(): void;
  stop(): void;
}

/** For so long a change of a mapping is in progress. AWS takes seconds, too; a deployment takes no time here. */
const CHANGE_MS = 5 * SECOND_MS;

const user = (code: string, message: string, status: number): AwsError =>
  new AwsError(code, message, status, { Type: 'User' });

const DENIED: Readonly<Record<EventSourceMapping['kind'], readonly (readonly [action: string, what: string])[]>> = {
  queue: [
    ['sqs:ReceiveMessage', 'ReceiveMessage on SQS'],
    ['sqs:DeleteMessage', 'DeleteMessage on SQS'],
    ['sqs:GetQueueAttributes', 'GetQueueAttributes on SQS'],
  ],
  stream: [
    ['dynamodb:DescribeStream', 'DescribeStream on DynamoDB'],
    ['dynamodb:GetShardIterator', 'GetShardIterator on DynamoDB'],
    ['dynamodb:GetRecords', 'GetRecords on DynamoDB'],
  ],
};

/** A mapping whose role may not read the source is refused when it is made, as AWS does. */
const checkRole = (state: LambdaState, name: string, eventSourceArn: string): void => {
  const { role } = state.store.getFunction(name).settings;
  for (const [action, what] of DENIED[kindOf(eventSourceArn)]) {
    try {
      const principal = { arn: role, accessKeyId: '', sessionName: name };
      state.context.access.require({ principal, action, resource: eventSourceArn });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      throw invalid(`The provided execution role does not have permissions to call ${what}`);
    }
  }
};

/** A queue must hide its messages for as long as the function may take; and a source must be there. */
const checkSource = (state: LambdaState, name: string, eventSourceArn: string, sources: EventSources): void => {
  if (kindOf(eventSourceArn) === 'stream') {
    if (sources.openStream(eventSourceArn) === undefined) throw invalid(`Stream not found: ${eventSourceArn}`);
    return;
  }
  const visibilitySeconds = sources.queueVisibilitySeconds(eventSourceArn);
  if (visibilitySeconds === undefined) {
    throw invalid(
      'Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue does not exist.',
    );
  }
  const { timeoutSeconds } = state.store.getFunction(name).settings;
  if (visibilitySeconds < timeoutSeconds) {
    throw invalid(
      `Queue visibility timeout: ${visibilitySeconds} seconds is less than Function timeout: ${timeoutSeconds} seconds`,
    );
  }
};

const referenceOf = (state: LambdaState, functionName: string): FunctionReference => {
  const reference = parseFunctionReference(functionName);
  const { name, qualifier = LATEST } = reference;
  if (isVersion(qualifier)) state.store.getVersion(name, qualifier);
  else state.store.getAlias(name, qualifier);
  return reference;
};

const checkDistinct = (standing: EventSourceMapping | undefined, functionName: string): void => {
  if (standing === undefined) return;
  throw user(
    'ResourceConflictException',
    `The event source arn (" ${standing.eventSourceArn} ") and function (" ${functionName} ") provided mapping already exists. Please update or delete the existing mapping with UUID ${standing.uuid}`,
    409,
  );
};

const newMapping = (
  state: LambdaState,
  given: NewMapping,
  { others, sources }: { readonly others: readonly EventSourceMapping[]; readonly sources: EventSources },
  untilMs: number,
): EventSourceMapping => {
  const { eventSourceArn, functionName } = given;
  if (functionName === undefined) throw invalid("1 validation error detected: Value null at 'functionName'");
  const reference = referenceOf(state, functionName);
  const settings = decideSettings(given, kindOf(eventSourceArn));
  const isSame = (one: EventSourceMapping): boolean =>
    one.eventSourceArn === eventSourceArn && one.function.name === reference.name;
  checkDistinct(others.find(isSame), functionName);
  checkRole(state, reference.name, eventSourceArn);
  checkSource(state, reference.name, eventSourceArn, sources);
  return {
    uuid: state.context.ids.uuid(),
    eventSourceArn,
    function: reference,
    ...settings,
    lastModifiedMs: state.context.clock.nowMs(),
    lastResult: NOTHING_PROCESSED,
    change: { state: 'Creating', untilMs },
  };
};

const changedMapping = (
  state: LambdaState,
  given: GivenMapping,
  before: EventSourceMapping,
  untilMs: number,
): EventSourceMapping => {
  if (before.goneAtMs !== undefined) {
    throw user('ResourceInUseException', 'Cannot update the event source mapping because it is in use.', 400);
  }
  const reference = given.functionName === undefined ? before.function : referenceOf(state, given.functionName);
  const settings = decideSettings(given, before.kind, before);
  const toggled = settings.enabled ? ('Enabling' as const) : ('Disabling' as const);
  const change = { state: settings.enabled === before.enabled ? ('Updating' as const) : toggled, untilMs };
  return { ...before, ...settings, function: reference, lastModifiedMs: state.context.clock.nowMs(), change };
};

export const createMappingBook = (state: LambdaState, sources: () => EventSources): MappingBook => {
  const { clock, store } = state.context;
  const table = store.table<EventSourceMapping>('lambda-event-source-mappings');

  const runner = createMappingRunner(state, sources, (uuid, lastResult) => {
    const mapping = table.get(uuid);
    if (mapping !== undefined && mapping.lastResult !== lastResult) table.put(uuid, { ...mapping, lastResult });
  });

  const get = (uuid: string): EventSourceMapping => {
    const found = table.get(uuid);
    if (found === undefined) throw user('ResourceNotFoundException', 'The resource you requested does not exist.', 404);
    return found;
  };

  const forget = (uuid: string): void => {
    table.delete(uuid);
    runner.follow(uuid, undefined);
  };

  /** What an instant changes: a new mapping begins to act, one that is being deleted is gone. */
  const arrive = (uuid: string): void => {
    const mapping = table.get(uuid);
    if (mapping === undefined) return;
    if (mapping.goneAtMs !== undefined && mapping.goneAtMs <= clock.nowMs()) forget(uuid);
    else runner.follow(uuid, mapping);
  };

  const write = (mapping: EventSourceMapping, changesAtMs: number): EventSourceMapping => {
    table.put(mapping.uuid, mapping);
    runner.follow(mapping.uuid, mapping);
    if (changesAtMs > clock.nowMs()) clock.at(changesAtMs, `mapping ${mapping.uuid}`, () => arrive(mapping.uuid));
    return mapping;
  };

  const list = (): readonly EventSourceMapping[] => table.entries().map(([, mapping]) => mapping);

  return {
    get,
    list,
    create: (given, takesMs = CHANGE_MS) => {
      const untilMs = clock.nowMs() + takesMs;
      return write(newMapping(state, given, { others: list(), sources: sources() }, untilMs), untilMs);
    },
    update: (uuid, given, takesMs = CHANGE_MS) => {
      const untilMs = clock.nowMs() + takesMs;
      return write(changedMapping(state, given, get(uuid), untilMs), untilMs);
    },
    delete: (uuid, takesMs = CHANGE_MS) => {
      const goneAtMs = clock.nowMs() + takesMs;
      const leaving: EventSourceMapping = { ...get(uuid), goneAtMs };
      if (takesMs === 0) forget(uuid);
      else write(leaving, goneAtMs);
      return leaving;
    },
    start: () => {
      for (const [uuid, mapping] of table.entries()) {
        const changesAtMs = mapping.goneAtMs ?? mapping.change?.untilMs ?? 0;
        if (changesAtMs > clock.nowMs()) clock.at(changesAtMs, `mapping ${uuid}`, () => arrive(uuid));
        arrive(uuid);
      }
    },
    stop: runner.stop,
  };
};
