import type { Item } from '../attribute-value.ts';
import type { Engine } from '../engine.ts';
import { validationError } from '../errors.ts';
import { acceptOnly, type Input, optionalInteger, requiredTableName } from '../input.ts';
import { segmentStart } from '../key-encoding.ts';
import { type PageSource, pageOptions, pageSource, readPage, rowKeyIn, startKey } from '../read-page.ts';
import { EXPRESSION_PLACEHOLDERS, readExpressions } from '../request-expressions.ts';
import type { RowRange } from '../row-store.ts';

const ACCEPTED = [
  'TableName',
  'IndexName',
  'FilterExpression',
  'ProjectionExpression',
  ...EXPRESSION_PLACEHOLDERS,
  'Select',
  'Limit',
  'Segment',
  'TotalSegments',
  'ExclusiveStartKey',
  'ConsistentRead',
  'ReturnConsumedCapacity',
];
const MAX_SEGMENTS = 1_000_000;

const segmentOf = (input: Input): Pick<RowRange, 'fromPartition' | 'toPartition'> => {
  const segment = optionalInteger(input, 'Segment', { min: 0, max: MAX_SEGMENTS - 1 });
  const totalSegments = optionalInteger(input, 'TotalSegments', { min: 1, max: MAX_SEGMENTS });
  if (segment === undefined && totalSegments === undefined) return {};
  if (segment === undefined) {
    throw validationError(
      'The Segment parameter is required but was not present in the request when parameter TotalSegments is present',
    );
  }
  if (totalSegments === undefined) {
    throw validationError(
      'The TotalSegments parameter is required but was not present in the request when Segment parameter is present',
    );
  }
  if (segment >= totalSegments) {
    throw validationError(
      `The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: ${segment} is not less than TotalSegments: ${totalSegments}`,
    );
  }
  return {
    fromPartition: segmentStart({ segment, totalSegments }),
    ...(segment + 1 < totalSegments ? { toPartition: segmentStart({ segment: segment + 1, totalSegments }) } : {}),
  };
};

const requireWithin = (
  source: PageSource,
  { fromPartition, toPartition }: Pick<RowRange, 'fromPartition' | 'toPartition'>,
  start: Item | undefined,
): void => {
  if (start === undefined) return;
  const { partition } = rowKeyIn(source, start);
  const before = fromPartition && partition.compare(fromPartition) < 0;
  const behind = toPartition && partition.compare(toPartition) >= 0;
  if (before || behind) {
    throw validationError(
      'The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment.',
    );
  }
};

export const scan = (engine: Engine, input: Input): unknown => {
  acceptOnly('Scan', input, ACCEPTED);
  const tableName = requiredTableName(input);
  const expressions = readExpressions(input, ['FilterExpression', 'ProjectionExpression']);
  const source = pageSource(engine, tableName, input);
  const options = pageOptions(source, input, expressions);
  const segment = segmentOf(input);
  const start = startKey(source, input);
  requireWithin(source, segment, start);
  const range = { ...segment, ...(start ? { after: rowKeyIn(source, start) } : {}) };
  return readPage(engine, source, { range, options, expressions });
};
