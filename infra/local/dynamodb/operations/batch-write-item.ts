import { capacityMode, consumedCapacities } from '../capacity.ts';
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

export const batchWriteItem = (engine: Engine, input: Input): unknown => {
  // Collections are told of for local indexes only, which do not exist here.
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
  // One commit for speed; that it is whole is no promise, as on AWS.
  const outcomes = engine.transaction(() => writes.map((write) => performWrite(engine, write)));
  return {
    UnprocessedItems: {},
    ...consumedCapacities(
      mode,
      outcomes.map(({ consumption }) => consumption),
    ),
  };
};
