import { compareText } from '../../compare-values.ts';
import type { Engine } from '../../engine.ts';
import { acceptOnly, checkedName, type Input, optionalInteger, optionalText } from '../../input.ts';

export const listStreams = (engine: Engine, input: Input): unknown => {
  acceptOnly('ListStreams', input, ['TableName', 'Limit', 'ExclusiveStartStreamArn']);
  const given = optionalText(input, 'TableName');
  const tableName = given === undefined ? undefined : checkedName(given, 'TableName');
  const limit = optionalInteger(input, 'Limit', { min: 1, max: 100 }) ?? 100;
  const after = optionalText(input, 'ExclusiveStartStreamArn');
  const found = engine.storage.streams
    .list()
    .filter((stream) => tableName === undefined || stream.tableName === tableName)
    .filter(({ arn }) => after === undefined || compareText(arn, after) > 0);
  const page = found.slice(0, limit);
  return {
    Streams: page.map(({ arn, tableName: TableName, label }) => ({ StreamArn: arn, TableName, StreamLabel: label })),
    ...(found.length > limit ? { LastEvaluatedStreamArn: page.at(-1)?.arn } : {}),
  };
};
