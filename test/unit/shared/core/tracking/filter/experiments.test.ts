import { describe, expect, it } from 'vitest';
import {
  type Filter,
  type OrderBy,
  parseExperimentFilter,
  parseExperimentOrderBy,
} from '../../../../../../shared/core/tracking/index.ts';

const shown = (filter: Filter): readonly unknown[] =>
  filter.map(({ field, comparator, value }) => [field.kind, field.key, comparator, value]);
const ordered = (order: readonly OrderBy[]): string =>
  order.map(({ field, ascending }) => `${field.key} ${ascending ? 'ASC' : 'DESC'}`).join(', ');

describe('the filter and order of experiments', () => {
  it('knows the fields', () => {
    expect(shown(parseExperimentFilter("attribute.name ILIKE 'x%' AND creation_time > 1 AND tags.a != 'b'"))).toEqual([
      ['attribute', 'name', 'ILIKE', 'x%'],
      ['attribute', 'creation_time', '>', 1],
      ['tag', 'a', '!=', 'b'],
    ]);
    expect(() => parseExperimentFilter("experiment_id = '1'")).toThrow(/Invalid attribute key/);
    expect(() => parseExperimentFilter('metrics.a = 1')).toThrow(/Invalid entity type 'metrics'/);
    expect(ordered(parseExperimentOrderBy([]))).toBe('creation_time DESC, experiment_id DESC');
    expect(ordered(parseExperimentOrderBy(['name']))).toBe('name ASC, experiment_id DESC');
    expect(() => parseExperimentOrderBy(['tags.a'])).toThrow(/Invalid tag key/);
  });
});
