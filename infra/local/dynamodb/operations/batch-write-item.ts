import type { AwsError } from '../../contracts.ts';
import { type Consumption, capacityMode, consumedCapacities } from '../capacity.ts';
import { isThrottling } from '../capacity-meter.ts';
import type { Engine } from '../engine.ts';
import { validationError } from '../errors.ts';
import {
  acceptOnly,
  type Input,
  objectsOf,
  optionalObject,
  requiredList,
  requiredObject,
  requireLength,
} from '../input.ts';
import { collectionMetricsByTable } from '../item-collection.ts';
import { type PreparedWrite, performWrite, prepareDelete, preparePut } from '../prepared-write.ts';

const MAX_WRITES = 25;

const prepare = (engine: Engine, tableName: string, request: Input): PreparedWrite => {
  acceptOnly('BatchWriteItem request', request, ['PutRequest', 'DeleteRequest']);
  const put = optionalObject(request, 'PutRequest');
  const remove = optionalObject(request, 'DeleteRequest');
  if ((put === undefined) === (remove === undefined)) {
    throw validationError(
      'Supplied AttributeValue has more than one datatypes set, must contain exactly one of PutRequest or DeleteRequest',
    );
  }
  if (put) acceptOnly('BatchWriteItem PutRequest', put, ['Item']);
  if (remove) acceptOnly('BatchWriteItem DeleteRequest', remove, ['Key']);
  return put
    ? preparePut(engine, { TableName: tableName, ...put })
    : prepareDelete(engine, { TableName: tableName, ...remove });
};

interface Request {
  readonly tableName: string;
  readonly request: Input;
}

/** One commit for each write: what is throttled comes back unprocessed, and the rest stands. */
const performAll = (engine: Engine, writes: readonly PreparedWrite[], requests: readonly Request[]) => {
  const outcomes: Consumption[] = [];
  const unprocessed: Record<string, Input[]> = {};
  let refusal: AwsError | undefined;
  for (const [position, write] of writes.entries()) {
    try {
      outcomes.push(engine.transaction(() => performWrite(engine, write)).consumption);
    } catch (error) {
      if (!isThrottling(error)) throw error;
      refusal = error;
      const { tableName, request } = requests[position] as Request;
      unprocessed[tableName] = [...(unprocessed[tableName] ?? []), request];
    }
  }
  // Nothing at all could be done: that is an error, not an answer.
  if (outcomes.length === 0 && refusal !== undefined) throw refusal;
  return { outcomes, unprocessed };
};

export const batchWriteItem = (engine: Engine, input: Input): unknown => {
  acceptOnly('BatchWriteItem', input, ['RequestItems', 'ReturnConsumedCapacity', 'ReturnItemCollectionMetrics']);
  const mode = capacityMode(input);
  const requested = requiredObject(input, 'RequestItems');
  requireLength('RequestItems', Object.keys(requested).length, { min: 1, max: MAX_WRITES });
  const requests = Object.keys(requested).flatMap((tableName) => {
    const list = objectsOf(requiredList(requested, tableName), tableName);
    requireLength(`requestItems.${tableName}.member`, list.length, { min: 1, max: MAX_WRITES });
    return list.map((request) => ({ tableName, request }));
  });
  if (requests.length > MAX_WRITES) throw validationError('Too many items requested for the BatchWriteItem call');
  const writes = requests.map(({ tableName, request }) => prepare(engine, tableName, request));
  const targets = new Set(writes.map(({ table, key }) => JSON.stringify([table.name, key])));
  if (targets.size < writes.length) throw validationError('Provided list of item keys contains duplicates');
  const { outcomes, unprocessed } = performAll(engine, writes, requests);
  return {
    UnprocessedItems: unprocessed,
    ...collectionMetricsByTable(engine, input, writes),
    ...consumedCapacities(mode, outcomes),
  };
};
