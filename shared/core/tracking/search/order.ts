import type { OrderBy } from '../search.ts';
import { compareTexts, type ReadField } from './field-value.ts';

/** Where an entity stands: its value of each field of the order, null where it has none. */
export type Position = readonly (number | string | null)[];

/** Values, then NaN, then nothing, ascending or descending. */
const rankOf = (value: number | string | null): number => (value === null ? 2 : Number.isNaN(value) ? 1 : 0);

const compareValues = (a: number | string | null, b: number | string | null, ascending: boolean): number => {
  const byRank = rankOf(a) - rankOf(b);
  if (byRank !== 0 || rankOf(a) !== 0) return byRank;
  const byValue =
    typeof a === 'string' && typeof b === 'string'
      ? compareTexts(a, b)
      : Number(a) === Number(b)
        ? 0
        : Number(a) < Number(b)
          ? -1
          : 1;
  return ascending ? byValue : -byValue;
};

/** Compares by the first `fieldCount` fields of the order, by all of them when it is not given. */
export const comparePositions = (order: readonly OrderBy[], a: Position, b: Position, fieldCount?: number): number => {
  const count = fieldCount ?? order.length;
  for (let index = 0; index < count; index += 1) {
    const compared = compareValues(a[index] ?? null, b[index] ?? null, order[index]?.ascending ?? true);
    if (compared !== 0) return compared;
  }
  return 0;
};

/** The order that is asked for, then the ties: those of its fields that it does not name itself. */
export const withTies = (orderBy: readonly OrderBy[], ties: readonly OrderBy[]): readonly OrderBy[] => [
  ...orderBy,
  ...ties.filter(
    ({ field }) => !orderBy.some((given) => given.field.kind === field.kind && given.field.key === field.key),
  ),
];

/** Where an entity stands in an order. A field of several values has no order. */
export const positionOf = <Entity>(order: readonly OrderBy[], readField: ReadField<Entity>, entity: Entity): Position =>
  order.map(({ field, datasetName, datasetDigest }) => {
    const value = readField(entity, field, {
      ...(datasetName === undefined ? {} : { datasetName }),
      ...(datasetDigest === undefined ? {} : { datasetDigest }),
    });
    return value === undefined || typeof value === 'object' ? null : value;
  });
