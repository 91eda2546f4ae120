import { type Item, typeOf } from '../attribute-value.ts';
import { valuesEqual } from '../compare-values.ts';
import type { Engine } from '../engine.ts';
import { validationError } from '../errors.ts';
import { attributePathsOf } from '../expressions/condition-paths.ts';
import { type KeyCondition, keyConditionOf, type SortCondition } from '../expressions/key-condition.ts';
import { acceptOnly, type Input, optionalFlag, requiredTableName } from '../input.ts';
import { encodePartition, encodeScalar, prefixEnd } from '../key-encoding.ts';
import { type PageSource, pageOptions, pageSource, readPage, rowKeyIn, startKey } from '../read-page.ts';
import { EXPRESSION_PLACEHOLDERS, type RequestExpressions, readExpressions } from '../request-expressions.ts';
import type { RowRange } from '../row-store.ts';
import { keyNames } from '../table-schema.ts';

const ACCEPTED = [
  'TableName',
  'IndexName',
  'KeyConditionExpression',
  'FilterExpression',
  'ProjectionExpression',
  ...EXPRESSION_PLACEHOLDERS,
  'Select',
  'Limit',
  'ScanIndexForward',
  'ExclusiveStartKey',
  'ConsistentRead',
  'ReturnConsumedCapacity',
];

const boundsOf = (sort: SortCondition | undefined): Pick<RowRange, 'lower' | 'upper'> => {
  if (sort === undefined) return {};
  if (sort.kind === 'between') {
    return {
      lower: { value: encodeScalar(sort.low), inclusive: true },
      upper: { value: encodeScalar(sort.high), inclusive: true },
    };
  }
  const value = encodeScalar(sort.value);
  switch (sort.kind) {
    case '=':
      return { lower: { value, inclusive: true }, upper: { value, inclusive: true } };
    case '<':
    case '<=':
      return { upper: { value, inclusive: sort.kind === '<=' } };
    case '>':
    case '>=':
      return { lower: { value, inclusive: sort.kind === '>=' } };
    case 'begins_with': {
      const end = prefixEnd(value);
      return { lower: { value, inclusive: true }, ...(end ? { upper: { value: end, inclusive: false } } : {}) };
    }
  }
};

const refuseKeyFilters = ({ keys }: PageSource, { filter, bindings }: RequestExpressions): void => {
  if (filter === undefined) return;
  const names = keyNames(keys);
  const key = attributePathsOf(filter)
    .map((path) => String(bindings.resolve(path)[0]))
    .find((name) => names.includes(name));
  if (key !== undefined) {
    throw validationError(
      `Filter Expression can only contain non-primary key attributes: Primary key attribute: ${key}`,
    );
  }
};

const requirePartition = (start: Item | undefined, { keys }: PageSource, condition: KeyCondition): void => {
  const value = start?.[keys.partition.name];
  if (value !== undefined && !valuesEqual(value, condition.partition)) {
    throw validationError('The provided starting key is outside query boundaries based on provided conditions');
  }
};

const conditionFor = (source: PageSource, { keyCondition, bindings }: RequestExpressions): KeyCondition => {
  if (keyCondition === undefined) {
    throw validationError(
      'Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.',
    );
  }
  const condition = keyConditionOf(keyCondition, source.keys, bindings);
  const { sort } = condition;
  if (sort?.kind === 'begins_with' && typeOf(sort.value) === 'N') {
    throw validationError(
      'Invalid KeyConditionExpression: Incorrect operand type for operator or function; operator or function: begins_with, operand type: N',
    );
  }
  return condition;
};

export const query = (engine: Engine, input: Input): unknown => {
  acceptOnly('Query', input, ACCEPTED);
  const tableName = requiredTableName(input);
  const expressions = readExpressions(input, ['KeyConditionExpression', 'FilterExpression', 'ProjectionExpression']);
  const source = pageSource(engine, tableName, input);
  const options = pageOptions(source, input, expressions);
  const condition = conditionFor(source, expressions);
  refuseKeyFilters(source, expressions);
  const start = startKey(source, input);
  requirePartition(start, source, condition);
  const range: RowRange = {
    partition: encodePartition(condition.partition),
    ...boundsOf(condition.sort),
    descending: optionalFlag(input, 'ScanIndexForward') === false,
    ...(start ? { after: rowKeyIn(source, start) } : {}),
  };
  return readPage(engine, source, { range, options, expressions });
};
