import type { Engine } from './engine.ts';
import { tableNotFound, validationError } from './errors.ts';
import { type Input, requiredTableName, requiredText } from './input.ts';
import type { TableRecord } from './table-schema.ts';

/** The table that an operation on tables names; its message says which, unlike that of operations on items. */
export const namedTable = (engine: Engine, input: Input): TableRecord => {
  const name = requiredTableName(input);
  const record = engine.findTable(name);
  if (record === undefined) throw tableNotFound(`Requested resource not found: Table: ${name} not found`);
  return record;
};

/** The table behind a `ResourceArn`. */
export const tableByArn = (engine: Engine, input: Input): TableRecord => {
  const arn = requiredText(input, 'ResourceArn');
  if (!arn.startsWith('arn:')) throw validationError(`Invalid ARN: ARNs must start with 'arn:': ${arn}`);
  const name = requiredTableName(input, 'ResourceArn');
  const record = engine.findTable(name);
  if (record === undefined)
    throw tableNotFound(`Requested resource not found: ResourcArn: ${String(input.ResourceArn)} not found`);
  return record;
};
