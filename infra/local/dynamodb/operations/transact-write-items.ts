import { hash } from 'node:crypto';
import { AwsError } from '../../contracts.ts';
import type { Item } from '../attribute-value.ts';
import { type Consumption, capacityMode, consumedCapacities } from '../capacity.ts';
import type { Engine } from '../engine.ts';
import { validationError } from '../errors.ts';
import {
  acceptOnly,
  type Input,
  objectsOf,
  optionalObject,
  optionalText,
  requiredList,
  requireLength,
} from '../input.ts';
import { collectionMetricsByTable } from '../item-collection.ts';
import { itemBytes } from '../item-size.ts';
import { performRead } from '../prepared-read.ts';
import {
  type PreparedWrite,
  performWrite,
  prepareCheck,
  prepareDelete,
  preparePut,
  prepareUpdate,
  type WriteOutcome,
} from '../prepared-write.ts';
import { EXPRESSION_PLACEHOLDERS } from '../request-expressions.ts';

const MAX_ITEMS = 100;
const MAX_REQUEST_BYTES = 4 * 1024 * 1024;
const TOKEN_LIFETIME_MS = 10 * 60 * 1_000;
const MAX_TOKEN_LENGTH = 36;
const COMMON = ['TableName', 'ConditionExpression', ...EXPRESSION_PLACEHOLDERS, 'ReturnValuesOnConditionCheckFailure'];

const ACTIONS: Readonly<
  Record<
    string,
    { readonly prepare: (engine: Engine, input: Input) => PreparedWrite; readonly accepted: readonly string[] }
  >
> = {
  Put: { prepare: preparePut, accepted: [...COMMON, 'Item'] },
  Update: { prepare: prepareUpdate, accepted: [...COMMON, 'Key', 'UpdateExpression'] },
  Delete: { prepare: prepareDelete, accepted: [...COMMON, 'Key'] },
  ConditionCheck: { prepare: prepareCheck, accepted: [...COMMON, 'Key'] },
};

const prepare = (engine: Engine, request: Input): PreparedWrite => {
  acceptOnly('TransactItems', request, Object.keys(ACTIONS));
  const given = Object.keys(ACTIONS).filter((name) => request[name] != null);
  const action = ACTIONS[given[0] ?? ''];
  const input = optionalObject(request, given[0] ?? '');
  if (given.length !== 1 || action === undefined || input === undefined) {
    throw validationError('TransactItems can only contain one of Check, Put, Update or Delete');
  }
  acceptOnly(`TransactItems ${given[0]}`, input, action.accepted);
  if (given[0] === 'Update' && input.UpdateExpression == null) {
    throw validationError(
      "1 validation error detected: Value null at 'transactItems.1.member.update.updateExpression' failed to satisfy constraint: Member must not be null",
    );
  }
  return action.prepare(engine, input);
};

interface Reason {
  readonly Code: string;
  readonly Message?: string;
  readonly Item?: Item;
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html, under TransactionCanceledException */
const REASON_CODES: Readonly<Record<string, string>> = {
  ValidationException: 'ValidationError',
  ThrottlingException: 'ThrottlingError',
  ProvisionedThroughputExceededException: 'ProvisionedThroughputExceeded',
};

const reasonOf = (error: AwsError): Reason => {
  const Code = REASON_CODES[error.code];
  if (Code !== undefined) return { Code, Message: error.message };
  const item = error.extra.Item as Item | undefined;
  return { Code: 'ConditionalCheckFailed', Message: error.message, ...(item ? { Item: item } : {}) };
};

const cancelled = (reasons: readonly Reason[]): AwsError => {
  const codes = reasons.map(({ Code }) => Code).join(', ');
  const message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`;
  return new AwsError('TransactionCanceledException', message, 400, { Message: message, CancellationReasons: reasons });
};

const performAll = (engine: Engine, writes: readonly PreparedWrite[]): readonly WriteOutcome[] => {
  const outcomes: WriteOutcome[] = [];
  const reasons = writes.map((write): Reason => {
    try {
      outcomes.push(performWrite(engine, write, 2));
      return { Code: 'None' };
    } catch (error) {
      if (error instanceof AwsError) return reasonOf(error);
      throw error;
    }
  });
  // Thrown inside the commit, so that what went before is undone.
  if (outcomes.length < writes.length) throw cancelled(reasons);
  const bytes = outcomes.reduce((sum, { after }) => sum + (after ? itemBytes(after) : 0), 0);
  if (bytes > MAX_REQUEST_BYTES) {
    throw validationError('Collection of items passed to TransactWriteItems exceeds the maximum of 4 MB');
  }
  return outcomes;
};

/** True when the token's request was carried out before. @throws AwsError IdempotentParameterMismatchException */
const wasCarriedOut = (engine: Engine, token: string, requestDigest: string): boolean => {
  const nowMs = engine.nowMs();
  engine.storage.forgetTokens(nowMs);
  const spent = engine.storage.spentToken(token, nowMs);
  if (spent !== undefined && spent.requestDigest !== requestDigest) {
    throw new AwsError(
      'IdempotentParameterMismatchException',
      'Request parameters do not match the parameters of the original request with the same client request token',
    );
  }
  return spent !== undefined;
};

/** A repeated request writes nothing, and reads the items to say so. */
const readAgain = (engine: Engine, writes: readonly PreparedWrite[]): readonly Consumption[] =>
  writes.map(({ table, key }) => {
    const read = performRead(engine, { table, key, projection: undefined }, { consistent: true, factor: 2 });
    return { ...read.consumption, kind: 'read' };
  });

export const transactWriteItems = (engine: Engine, input: Input): unknown => {
  acceptOnly('TransactWriteItems', input, [
    'TransactItems',
    'ClientRequestToken',
    'ReturnConsumedCapacity',
    'ReturnItemCollectionMetrics',
  ]);
  const mode = capacityMode(input);
  const requests = objectsOf(requiredList(input, 'TransactItems'), 'TransactItems');
  requireLength('TransactItems', requests.length, { min: 1, max: MAX_ITEMS });
  const token = optionalText(input, 'ClientRequestToken');
  if (token !== undefined) requireLength('ClientRequestToken', token.length, { min: 1, max: MAX_TOKEN_LENGTH });
  const writes = requests.map((request) => prepare(engine, request));
  const targets = new Set(writes.map(({ table, key }) => JSON.stringify([table.name, key])));
  if (targets.size < writes.length) {
    throw validationError('Transaction request cannot include multiple operations on one item');
  }
  const requestDigest = hash('sha256', JSON.stringify(requests));
  const consumptions = engine.transaction(() => {
    if (token !== undefined && wasCarriedOut(engine, token, requestDigest)) return readAgain(engine, writes);
    const performed = performAll(engine, writes);
    if (token !== undefined) {
      engine.storage.spendToken(token, { requestDigest, expiresAtMs: engine.nowMs() + TOKEN_LIFETIME_MS });
    }
    return performed.map(({ consumption }): Consumption => ({ ...consumption, kind: 'write' }));
  });
  return { ...collectionMetricsByTable(engine, input, writes), ...consumedCapacities(mode, consumptions) };
};
