import { parseEventPattern } from '../../events/event-pattern.ts';

/** Whether a record passes the filters of a mapping: any of them, or there is none. */
export const createRecordFilter = (patterns: readonly string[]): ((record: unknown) => boolean) => {
  const tests = patterns.map(parseEventPattern);
  return (record) => tests.length === 0 || tests.some((test) => test(record));
};

const parsed = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
};

/** A pattern sees the body of a message as JSON where it is JSON, and as text where it is not. */
export const filteredForm = (record: { readonly body: string }): unknown => ({ ...record, body: parsed(record.body) });
