import type { AnyValue, KeyValue } from './span.ts';

/** JSON as Python's `json.dumps` lays it out, which is what MLflow's own previews look like. */

const showDouble = (value: NonNullable<AnyValue['doubleValue']>): string =>
  typeof value === 'string' || !Number.isInteger(value) ? String(value) : value.toFixed(1);

const showEntries = (values: readonly KeyValue[]): string =>
  `{${values.map(({ key, value }) => `${JSON.stringify(key)}: ${showAnyValue(value)}`).join(', ')}}`;

export const showAnyValue = (value: AnyValue): string => {
  if (value.stringValue !== undefined) return JSON.stringify(value.stringValue);
  if (value.boolValue !== undefined) return String(value.boolValue);
  if (value.intValue !== undefined) return value.intValue;
  if (value.doubleValue !== undefined) return showDouble(value.doubleValue);
  if (value.bytesValue !== undefined) return JSON.stringify(value.bytesValue);
  if (value.arrayValue !== undefined) return `[${value.arrayValue.values.map(showAnyValue).join(', ')}]`;
  return value.kvlistValue === undefined ? 'null' : showEntries(value.kvlistValue.values);
};
