import type { JsonValue } from '../../../../shared/kernel/json.ts';

/**
 * Step Functions writes every API's members in PascalCase; the APIs of Batch and of Step Functions itself use
 * camelCase on the wire. The keys of maps below these members are data and stay as they are.
 */
const MAP_MEMBERS = new Set(['parameters', 'tags', 'options', 'logconfiguration.options', 'labels']);

const recase = (value: unknown, first: (letter: string) => string, isMap: boolean): unknown => {
  if (Array.isArray(value)) return value.map((item) => recase(item, first, false));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const name = isMap ? key : first(key.charAt(0)) + key.slice(1);
      return [name, recase(item, first, MAP_MEMBERS.has(key.toLowerCase()))];
    }),
  );
};

export const toCamelCase = (value: unknown): unknown => recase(value, (letter) => letter.toLowerCase(), false);
export const toPascalCase = (value: unknown): unknown => recase(value, (letter) => letter.toUpperCase(), false);

/** An SDK's answer as JSON: dates as ISO 8601, bytes as base64, absent members left out. */
export const toJson = (value: unknown): JsonValue => {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(toJson);
  const members = Object.entries(value).filter(([key, item]) => item !== undefined && key !== '$metadata');
  return Object.fromEntries(members.map(([key, item]) => [key, toJson(item)]));
};
