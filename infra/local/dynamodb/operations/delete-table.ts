import { describeDeleted } from '../describe-table.ts';
import type { Engine } from '../engine.ts';
import { validationError } from '../errors.ts';
import { acceptOnly, type Input } from '../input.ts';
import { namedTable } from '../named-table.ts';

export const deleteTable = (engine: Engine, input: Input): unknown => {
  acceptOnly('DeleteTable', input, ['TableName']);
  const record = namedTable(engine, input);
  if (record.deletionProtected) {
    throw validationError(
      `Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.`,
    );
  }
  const description = describeDeleted(engine, record);
  engine.transaction(() => engine.removeTable(record));
  return { TableDescription: description };
};
