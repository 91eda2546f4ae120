import type { Engine } from '../engine.ts';
import { validationError } from '../errors.ts';
import { acceptOnly, type Input, requiredList } from '../input.ts';
import { tableByArn } from '../named-table.ts';
import { readTags, requireTagCount } from '../table-definition.ts';

export const tagResource = (engine: Engine, input: Input): unknown => {
  acceptOnly('TagResource', input, ['ResourceArn', 'Tags']);
  const table = tableByArn(engine, input);
  const given = requiredList(input, 'Tags');
  if (given.length === 0) throw validationError('Atleast one Tag needs to be provided as Input.');
  const tags = { ...table.tags, ...readTags(given) };
  requireTagCount(tags);
  engine.transaction(() => engine.saveTable({ ...table, tags }));
  return undefined;
};

export const untagResource = (engine: Engine, input: Input): unknown => {
  acceptOnly('UntagResource', input, ['ResourceArn', 'TagKeys']);
  const table = tableByArn(engine, input);
  const gone = new Set(requiredList(input, 'TagKeys').map(String));
  const tags = Object.fromEntries(Object.entries(table.tags).filter(([key]) => !gone.has(key)));
  engine.transaction(() => engine.saveTable({ ...table, tags }));
  return undefined;
};

/** One page: a table has 50 tags at most. */
export const listTagsOfResource = (engine: Engine, input: Input): unknown => {
  acceptOnly('ListTagsOfResource', input, ['ResourceArn']);
  const { tags } = tableByArn(engine, input);
  return { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
};
