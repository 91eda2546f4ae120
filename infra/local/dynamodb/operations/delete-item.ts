import { capacityMode, consumedCapacity } from '../capacity.ts';
import type { Engine } from '../engine.ts';
import { acceptOnly, type Input, optionalChoice } from '../input.ts';
import { collectionMetrics } from '../item-collection.ts';
import { performWrite, prepareDelete } from '../prepared-write.ts';
import { EXPRESSION_PLACEHOLDERS } from '../request-expressions.ts';

const ACCEPTED = [
  'TableName',
  'Key',
  'ConditionExpression',
  ...EXPRESSION_PLACEHOLDERS,
  'ReturnValues',
  'ReturnValuesOnConditionCheckFailure',
  'ReturnConsumedCapacity',
  'ReturnItemCollectionMetrics',
];

export const deleteItem = (engine: Engine, input: Input): unknown => {
  acceptOnly('DeleteItem', input, ACCEPTED);
  const mode = capacityMode(input);
  const returns = optionalChoice(input, 'ReturnValues', ['ALL_OLD', 'NONE']) ?? 'NONE';
  const write = prepareDelete(engine, input);
  const { before, consumption } = engine.transaction(() => performWrite(engine, write));
  return {
    ...(returns === 'ALL_OLD' && before ? { Attributes: before } : {}),
    ...collectionMetrics(engine, input, write),
    ...consumedCapacity(mode, consumption),
  };
};
