import { capacityMode, consumedCapacities } from '../capacity.ts';
import type { Engine } from '../engine.ts';
import { validationError } from '../errors.ts';
import {
  acceptOnly,
  type Input,
  objectsOf,
  requiredList,
  requiredObject,
  requiredTableName,
  requireLength,
} from '../input.ts';
import { performRead, prepareRead } from '../prepared-read.ts';

const MAX_ITEMS = 100;

export const transactGetItems = (engine: Engine, input: Input): unknown => {
  acceptOnly('TransactGetItems', input, ['TransactItems', 'ReturnConsumedCapacity']);
  const mode = capacityMode(input);
  const requests = objectsOf(requiredList(input, 'TransactItems'), 'TransactItems');
  requireLength('TransactItems', requests.length, { min: 1, max: MAX_ITEMS });
  const reads = requests.map((request) => {
    acceptOnly('TransactItems', request, ['Get']);
    const get = requiredObject(request, 'Get');
    acceptOnly('TransactItems Get', get, ['TableName', 'Key', 'ProjectionExpression', 'ExpressionAttributeNames']);
    return prepareRead(engine, requiredTableName(get), get);
  });
  const targets = new Set(reads.map(({ table, key }) => JSON.stringify([table.name, key])));
  if (targets.size < reads.length) {
    throw validationError('Transaction request cannot include multiple operations on one item');
  }
  const outcomes = reads.map((read) => performRead(engine, read, { consistent: true, factor: 2 }));
  return {
    Responses: outcomes.map(({ item }) => (item ? { Item: item } : {})),
    ...consumedCapacities(
      mode,
      outcomes.map(({ consumption }) => ({
        ...consumption,
        kind: 'read' as const,
      })),
    ),
  };
};
