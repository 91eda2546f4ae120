import { compareText } from '../compare-values.ts';
import type { Engine } from '../engine.ts';
import { acceptOnly, type Input, optionalInteger, optionalText } from '../input.ts';

export const listTables = (engine: Engine, input: Input): unknown => {
  acceptOnly('ListTables', input, ['ExclusiveStartTableName', 'Limit']);
  const limit = optionalInteger(input, 'Limit', { min: 1, max: 100 }) ?? 100;
  const after = optionalText(input, 'ExclusiveStartTableName');
  const names = engine
    .tables()
    .map(({ name }) => name)
    .filter((name) => after === undefined || compareText(name, after) > 0)
    .sort(compareText);
  const page = names.slice(0, limit);
  return { TableNames: page, ...(names.length > limit ? { LastEvaluatedTableName: page.at(-1) } : {}) };
};
