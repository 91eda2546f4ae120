import type { Item } from '../attribute-value.ts';
import { capacityMode, consumedCapacity } from '../capacity.ts';
import type { Engine } from '../engine.ts';
import { projectItem } from '../expressions/project-item.ts';
import { acceptOnly, type Input, optionalChoice } from '../input.ts';
import { collectionMetrics } from '../item-collection.ts';
import { type PreparedWrite, performWrite, prepareUpdate, type WriteOutcome } from '../prepared-write.ts';
import { EXPRESSION_PLACEHOLDERS } from '../request-expressions.ts';

const ACCEPTED = [
  'TableName',
  'Key',
  'UpdateExpression',
  'ConditionExpression',
  ...EXPRESSION_PLACEHOLDERS,
  'ReturnValues',
  'ReturnValuesOnConditionCheckFailure',
  'ReturnConsumedCapacity',
  'ReturnItemCollectionMetrics',
];
const RETURN_VALUES = ['ALL_NEW', 'UPDATED_OLD', 'ALL_OLD', 'NONE', 'UPDATED_NEW'] as const;

const returned = (
  returns: (typeof RETURN_VALUES)[number],
  { before, after }: WriteOutcome,
  { updatedPaths }: PreparedWrite,
): Item | undefined => {
  switch (returns) {
    case 'ALL_OLD':
      return before;
    case 'ALL_NEW':
      return after;
    case 'UPDATED_OLD':
      return before && projectItem(before, updatedPaths);
    case 'UPDATED_NEW':
      return after && projectItem(after, updatedPaths);
    case 'NONE':
      return undefined;
  }
};

export const updateItem = (engine: Engine, input: Input): unknown => {
  acceptOnly('UpdateItem', input, ACCEPTED);
  const mode = capacityMode(input);
  const returns = optionalChoice(input, 'ReturnValues', RETURN_VALUES) ?? 'NONE';
  const write = prepareUpdate(engine, input);
  const outcome = engine.transaction(() => performWrite(engine, write));
  const attributes = returned(returns, outcome, write);
  return {
    ...(attributes && Object.keys(attributes).length > 0 ? { Attributes: attributes } : {}),
    ...collectionMetrics(engine, input, write),
    ...consumedCapacity(mode, outcome.consumption),
  };
};
