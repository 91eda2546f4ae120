import type { Clause, Filter } from '../search.ts';
import type { FieldValue, ReadField } from './field-value.ts';
import { likePattern } from './like-pattern.ts';

type ValueTest = (value: number | string) => boolean;

const testOf = ({ comparator, value: wanted }: Clause): ValueTest => {
  if (comparator === 'IN' || comparator === 'NOT IN') {
    const listed = new Set<number | string>(Array.isArray(wanted) ? wanted : []);
    return comparator === 'IN' ? (value) => listed.has(value) : (value) => !listed.has(value);
  }
  if (comparator === 'LIKE' || comparator === 'ILIKE') {
    const test = likePattern(String(wanted), { ignoreCase: comparator === 'ILIKE' });
    return (value) => typeof value === 'string' && test(value);
  }
  if (comparator === '=') return (value) => value === wanted;
  if (comparator === '!=') return (value) => value !== wanted;
  const limit = Number(wanted);
  const tests: Readonly<Record<typeof comparator, ValueTest>> = {
    '>': (value) => Number(value) > limit,
    '>=': (value) => Number(value) >= limit,
    '<': (value) => Number(value) < limit,
    '<=': (value) => Number(value) <= limit,
  };
  return tests[comparator];
};

const holds = (value: FieldValue, test: ValueTest): boolean => {
  if (value === undefined || Number.isNaN(value)) return false;
  return typeof value === 'object' ? value.some(test) : test(value);
};

/**
 * Compiles a filter. A field that an entity lacks, and NaN, satisfy no clause, `!=` included; of several values (datasets)
 * one is enough.
 */
export const matcherOf = <Entity>(filter: Filter, readField: ReadField<Entity>): ((entity: Entity) => boolean) => {
  const tests = filter.map((clause) => ({ field: clause.field, test: testOf(clause) }));
  return (entity) => tests.every(({ field, test }) => holds(readField(entity, field), test));
};
