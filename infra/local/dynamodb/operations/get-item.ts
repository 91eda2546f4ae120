import { capacityMode, consumedCapacity } from '../capacity.ts';
import type { Engine } from '../engine.ts';
import { acceptOnly, type Input, optionalFlag, requiredTableName } from '../input.ts';
import { performRead, prepareRead } from '../prepared-read.ts';

const ACCEPTED = [
  'TableName',
  'Key',
  'ConsistentRead',
  'ProjectionExpression',
  'ExpressionAttributeNames',
  'ReturnConsumedCapacity',
];

export const getItem = (engine: Engine, input: Input): unknown => {
  acceptOnly('GetItem', input, ACCEPTED);
  const mode = capacityMode(input);
  const read = prepareRead(engine, requiredTableName(input), input);
  const consistent = optionalFlag(input, 'ConsistentRead') ?? false;
  const { item, consumption } = performRead(engine, read, { consistent });
  return { ...(item ? { Item: item } : {}), ...consumedCapacity(mode, consumption) };
};
