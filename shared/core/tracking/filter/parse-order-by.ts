import { InvalidRequestError } from '../../../kernel/errors.ts';
import { withTies } from '../search/order.ts';
import type { OrderBy } from '../search.ts';
import type { EntityTable } from './entity-table.ts';
import { findOrderField } from './find-field.ts';
import { readTokens } from './read-tokens.ts';

const MAX_KEYS = 20;

const invalidOrder = (text: string): InvalidRequestError =>
  new InvalidRequestError(`Invalid order_by clause '${text}'. Expected a key, then ASC or DESC or nothing`);

const parseOne = (table: EntityTable, text: string): OrderBy => {
  const [identifier, direction, ...rest] = readTokens(text, 'order_by clause');
  if (identifier?.kind !== 'identifier' || rest.length > 0) throw invalidOrder(text);
  const word = direction?.text.toUpperCase() ?? 'ASC';
  if (word !== 'ASC' && word !== 'DESC') {
    throw new InvalidRequestError(`Invalid ordering key in order_by clause '${text}'. Expected ASC or DESC`);
  }
  return { field: findOrderField(table, identifier), ascending: word === 'ASC' };
};

/** @throws InvalidRequestError for a field named twice: the second would never decide. */
const refuseDuplicates = (orderBy: readonly OrderBy[]): readonly OrderBy[] => {
  if (orderBy.length > MAX_KEYS) throw new InvalidRequestError(`order_by has at most ${MAX_KEYS} fields`);
  const names = orderBy.map(({ field, datasetName, datasetDigest }) =>
    JSON.stringify([field.kind, field.key, datasetName, datasetDigest]),
  );
  const twice = orderBy.find((_, index) => names.indexOf(names[index] ?? '') !== index);
  if (twice !== undefined) {
    throw new InvalidRequestError(`\`order_by\` contains duplicate fields: ${twice.field.kind} '${twice.field.key}'`);
  }
  return orderBy;
};

/** What is asked for, then the ties; the entity's default when nothing is: a total order. */
export const completeOrder = (
  { ties, defaultOrder = ties }: Pick<EntityTable, 'ties' | 'defaultOrder'>,
  asked: readonly OrderBy[],
): readonly OrderBy[] => withTies(asked.length === 0 ? defaultOrder : refuseDuplicates(asked), ties);

/**
 * A total order from `key`, `key ASC` or `key DESC` each: the entity's own ties are its end.
 * @throws InvalidRequestError for unknown keys, a third word, a field named twice.
 */
export const parseOrderBy = (table: EntityTable, list: readonly string[]): readonly OrderBy[] =>
  completeOrder(
    table,
    list.map((text) => parseOne(table, text)),
  );
