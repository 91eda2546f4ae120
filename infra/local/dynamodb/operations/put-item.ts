import { capacityMode, consumedCapacity } from '../capacity.ts';
import type { Engine } from '../engine.ts';
import { acceptOnly, type Input, optionalChoice } from '../input.ts';
import { collectionMetrics } from '../item-collection.ts';
import { performWrite, preparePut } from '../prepared-write.ts';
import { EXPRESSION_PLACEHOLDERS } from '../request-expressions.ts';

const ACCEPTED = [
  'TableName',
  'Item',
  'ConditionExpression',
  ...EXPRESSION_PLACEHOLDERS,
  'ReturnValues',
  'ReturnValuesOnConditionCheckFailure',
  'ReturnConsumedCapacity',
  'ReturnItemCollectionMetrics',
];

export const putItem = (engine: Engine, input: Input): unknown => {
  acceptOnly('PutItem', input, ACCEPTED);
  const mode = capacityMode(input);
  const returns = optionalChoice(input, 'ReturnValues', ['ALL_OLD', 'NONE']) ?? 'NONE';
  const write = preparePut(engine, input);
  const { before, consumption } = engine.transaction(() => performWrite(engine, write));
  return {
    ...(returns === 'ALL_OLD' && before ? { Attributes: before } : {}),
    ...collectionMetrics(engine, input, write),
    ...consumedCapacity(mode, consumption),
  };
};
