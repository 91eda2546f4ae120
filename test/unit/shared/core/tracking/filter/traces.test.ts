import { describe, expect, it } from 'vitest';
import {
  type Filter,
  type OrderBy,
  parseTraceFilter,
  parseTraceOrderBy,
} from '../../../../../../shared/core/tracking/index.ts';

const shown = (filter: Filter): readonly unknown[] =>
  filter.map(({ field, comparator, value }) => [field.kind, field.key, comparator, value]);
const ordered = (order: readonly OrderBy[]): string =>
  order.map(({ field, ascending }) => `${field.key} ${ascending ? 'ASC' : 'DESC'}`).join(', ');

describe('the filter and order of traces', () => {
  it('knows the fields, some of which are tags or metadata', () => {
    expect(
      shown(
        parseTraceFilter(
          "trace.status = 'OK' AND timestamp > 1 AND attributes.execution_time_ms < 2 AND name = 'n' AND run_id = 'R' AND metadata.`m.s` = 'x'",
        ),
      ),
    ).toEqual([
      ['attribute', 'status', '=', 'OK'],
      ['attribute', 'timestamp_ms', '>', 1],
      ['attribute', 'execution_time_ms', '<', 2],
      ['tag', 'mlflow.traceName', '=', 'n'],
      ['metadata', 'mlflow.sourceRun', '=', 'R'],
      ['metadata', 'm.s', '=', 'x'],
    ]);
    expect(() => parseTraceFilter("span.name = 'x'")).toThrow(/Invalid entity type 'span'/);
    expect(ordered(parseTraceOrderBy([]))).toBe('timestamp_ms DESC, request_id ASC');
    expect(ordered(parseTraceOrderBy(['timestamp ASC']))).toBe('timestamp_ms ASC, request_id ASC');
  });
});
