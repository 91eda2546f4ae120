import { AwsError, type ResourceContext } from '../contracts.ts';
import { RecordedInput, recordFields } from './recorded-fields.ts';

/**
 * Reads an untrusted object field by field. Whatever was not read is refused by name, so that an option without
 * behaviour here cannot be accepted silently. Numbers and flags may be text, as the query protocol and templates
 * write them; `null` reads as absent.
 */
export interface Fields {
  readonly text: (name: string) => string | undefined;
  readonly requiredText: (name: string) => string;
  readonly number: (name: string) => number | undefined;
  /** @throws AwsError when not an integer within the bounds, which are inclusive. */
  readonly integer: (name: string, bounds: { readonly min: number; readonly max: number }) => number | undefined;
  readonly flag: (name: string) => boolean | undefined;
  /** Epoch milliseconds from epoch seconds, a Date or ISO 8601. */
  readonly instant: (name: string) => number | undefined;
  readonly choice: <T extends string>(name: string, allowed: readonly T[]) => T | undefined;
  readonly texts: (name: string) => readonly string[] | undefined;
  readonly textMap: (name: string) => Readonly<Record<string, string>> | undefined;
  readonly object: <T>(name: string, read: (fields: Fields) => T) => T | undefined;
  readonly list: <T>(name: string, read: (fields: Fields) => T) => readonly T[] | undefined;
  readonly objectMap: <T>(name: string, read: (fields: Fields) => T) => Readonly<Record<string, T>> | undefined;
  readonly raw: (name: string) => unknown;
  /** Accepts properties of a resource that have no effect here: listing them is the decision. */
  readonly accept: (...names: readonly string[]) => void;
  /** Accepts options of an operation that have no effect here, and says why: the reason stands in the README's table. */
  readonly ignore: (reason: string, ...names: readonly string[]) => void;
  readonly refuse: (name: string, why: string) => AwsError;
}

export interface FieldsFrame {
  /** Path shown in messages; empty at the top. */
  readonly place?: string;
  /** Error code of a wrong value. */
  readonly code?: string;
  /** Error code of a field that is not supported. */
  readonly unsupportedCode?: string;
}

type Plain = Readonly<Record<string, unknown>>;

const isPlain = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);

const shown = (value: unknown): string => (JSON.stringify(value) ?? 'undefined').slice(0, 200);

const NUMERIC = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

const toNumber = (value: unknown): number | undefined => {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (typeof value === 'string' && NUMERIC.test(value)) return Number(value);
  return undefined;
};

const toInstant = (value: unknown): number | undefined => {
  if (value instanceof Date) return value.getTime();
  const seconds = toNumber(value);
  if (seconds !== undefined) return Math.round(seconds * 1000);
  const parsed = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(parsed) ? undefined : parsed;
};

/** The query protocol writes an empty list as an empty text. */
const toList = (value: unknown): readonly unknown[] | undefined => {
  if (value === '') return [];
  return Array.isArray(value) ? value : undefined;
};

const toTexts = (value: unknown): readonly string[] | undefined =>
  toList(value)?.every((item) => typeof item === 'string') ? (toList(value) as readonly string[]) : undefined;

const FLAGS: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  [true, true],
  ['true', true],
  [false, false],
  ['false', false],
]);

/**
 * Runs `read` over `input` and refuses what it left unread. A reader only reads: it looks nothing up, so that it can
 * be run by itself to tell which options it knows (`operation-support.ts`).
 */
export const readFields = <T>(input: unknown, frame: FieldsFrame, read: (fields: Fields) => T): T => {
  if (input instanceof RecordedInput) return recordFields(input, read);
  const code = frame.code ?? 'ValidationException';
  const place = frame.place ?? '';
  if (!isPlain(input)) throw new AwsError(code, `${place || 'the request'} must be an object, got ${shown(input)}`);
  const seen = new Set<string>();
  const at = (name: string): string => (place === '' ? name : `${place}.${name}`);
  const refuse = (name: string, why: string): AwsError => new AwsError(code, `${at(name)} ${why}`);
  const raw = (name: string): unknown => {
    seen.add(name);
    return input[name] ?? undefined;
  };
  const convert = <V>(name: string, kind: string, as: (value: unknown) => V | undefined): V | undefined => {
    const value = raw(name);
    if (value === undefined) return undefined;
    const converted = as(value);
    if (converted === undefined) throw refuse(name, `must be ${kind}, got ${shown(value)}`);
    return converted;
  };
  const nested = <V>(name: string, read2: (fields: Fields) => V) => {
    return (value: unknown, key: string | number | undefined): V =>
      readFields(value, { ...frame, place: at(name) + (key === undefined ? '' : `[${key}]`) }, read2);
  };

  const fields: Fields = {
    raw,
    refuse,
    text: (name) => convert(name, 'text', (value) => (typeof value === 'string' ? value : toNumber(value)?.toString())),
    requiredText: (name) => {
      const value = fields.text(name);
      if (value === undefined || value === '') throw refuse(name, 'is required');
      return value;
    },
    number: (name) => convert(name, 'a number', toNumber),
    integer: (name, { min, max }) =>
      convert(name, `an integer from ${min} to ${max}`, (value) => {
        const number = toNumber(value);
        return number !== undefined && Number.isInteger(number) && number >= min && number <= max ? number : undefined;
      }),
    flag: (name) => convert(name, 'true or false', (value) => FLAGS.get(value)),
    instant: (name) => convert(name, 'a timestamp', toInstant),
    choice: (name, allowed) =>
      convert(name, `one of ${allowed.join(', ')}`, (value) => allowed.find((candidate) => candidate === value)),
    texts: (name) => convert(name, 'a list of texts', toTexts),
    textMap: (name) =>
      convert(name, 'a map of texts', (value) =>
        isPlain(value) && Object.values(value).every((item) => typeof item === 'string')
          ? (value as Readonly<Record<string, string>>)
          : undefined,
      ),
    object: (name, read2) => {
      const value = raw(name);
      return value === undefined ? undefined : nested(name, read2)(value, undefined);
    },
    list: (name, read2) => convert(name, 'a list', toList)?.map(nested(name, read2)),
    objectMap: (name, read2) => {
      const value = convert(name, 'a map', (candidate) => (isPlain(candidate) ? candidate : undefined));
      if (value === undefined) return undefined;
      const one = nested(name, read2);
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, one(item, key)]));
    },
    accept: (...names) => {
      for (const name of names) seen.add(name);
    },
    ignore: (_reason, ...names) => {
      for (const name of names) seen.add(name);
    },
  };

  const result = read(fields);
  const unread = Object.keys(input).find(
    (name) => !seen.has(name) && input[name] !== null && input[name] !== undefined,
  );
  if (unread !== undefined) throw new AwsError(frame.unsupportedCode ?? code, `${at(unread)} is not supported here`);
  return result;
};

/** `readFields` over a resource's properties, with the errors that the deployer names. */
export const readProperties = <T>(context: ResourceContext, read: (fields: Fields) => T): T =>
  readFields(
    context.properties,
    { place: context.logicalId, code: 'InvalidProperty', unsupportedCode: 'UnsupportedProperty' },
    read,
  );
