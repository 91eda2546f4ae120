import { describe, expect, it } from 'vitest';
import {
  type Filter,
  type OrderBy,
  parseRegisteredModelFilter,
  parseRegisteredModelOrderBy,
} from '../../../../../../shared/core/tracking/index.ts';

const shown = (filter: Filter): readonly unknown[] =>
  filter.map(({ field, comparator, value }) => [field.kind, field.key, comparator, value]);
const ordered = (order: readonly OrderBy[]): string =>
  order.map(({ field, ascending }) => `${field.key} ${ascending ? 'ASC' : 'DESC'}`).join(', ');

describe('the filter and order of registered models', () => {
  it('knows the fields', () => {
    expect(shown(parseRegisteredModelFilter("name = 'm' and tags.`a.b` LIKE 'c'"))).toEqual([
      ['attribute', 'name', '=', 'm'],
      ['tag', 'a.b', 'LIKE', 'c'],
    ]);
    expect(() => parseRegisteredModelFilter("run_id = 'x'")).toThrow(/Invalid attribute key/);
    expect(ordered(parseRegisteredModelOrderBy([]))).toBe('name ASC');
    expect(ordered(parseRegisteredModelOrderBy(['timestamp DESC']))).toBe('last_updated_timestamp DESC, name ASC');
    expect(() => parseRegisteredModelOrderBy(['timestamp', 'last_updated_timestamp'])).toThrow(/duplicate/);
  });
});
