import { InvalidRequestError } from '../../kernel/errors.ts';
import { showValue } from '../../kernel/show-value.ts';
import {
  type AnyValue,
  checkedSpan,
  DEEPEST_VALUE,
  type DecodedSpans,
  doubleOf,
  type KeyValue,
  type Span,
  type SpanEvent,
  type SpanLink,
  type SpanStatus,
  statusCodeOf,
} from './span.ts';

/** One JSON object of the request, read field by field; `path` says where it stands, for the errors. */
interface Message {
  readonly path: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

const wrong = (path: string, expected: string, value: unknown): InvalidRequestError =>
  new InvalidRequestError(`${path} must be ${expected}, got ${showValue(value)}`);

const messageOf = (value: unknown, path: string): Message => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(path, 'an object', value);
  return { path, fields: value as Readonly<Record<string, unknown>> };
};

/** JSON's null is an absent field, as protobuf's JSON has it. */
const fieldOf = ({ fields }: Message, name: string): unknown =>
  Object.hasOwn(fields, name) ? (fields[name] ?? undefined) : undefined;

const messagesOf = (message: Message, name: string): readonly Message[] => {
  const value = fieldOf(message, name) ?? [];
  if (!Array.isArray(value)) throw wrong(`${message.path}${name}`, 'a list', value);
  return value.map((item, index) => messageOf(item, `${message.path}${name}[${index}].`));
};

const textOf = (message: Message, name: string): string | undefined => {
  const value = fieldOf(message, name);
  if (value !== undefined && typeof value !== 'string') throw wrong(`${message.path}${name}`, 'text', value);
  return value;
};

const INT64 = { least: -(2n ** 63n), greatest: 2n ** 63n - 1n } as const;
const UINT64 = { least: 0n, greatest: 2n ** 64n - 1n } as const;

/** A 64-bit integer, as a number or as decimal text. */
const integerText = (value: unknown, path: string, range: typeof INT64 | typeof UINT64): string => {
  const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
  if (typeof text !== 'string' || !/^-?\d{1,20}$/.test(text)) throw wrong(path, 'a whole number', value);
  const number = BigInt(text);
  if (number < range.least || number > range.greatest) throw wrong(path, 'an integer of 64 bits', value);
  return number.toString();
};

const timeOf = (message: Message, name: string): string | undefined => {
  const value = fieldOf(message, name);
  return value === undefined ? undefined : integerText(value, `${message.path}${name}`, UINT64);
};

/** OTLP writes enums as numbers; senders that use protobuf's own JSON write names. */
const enumOf = (message: Message, name: string, names: readonly string[]): number | undefined => {
  const value = fieldOf(message, name);
  if (value === undefined) return undefined;
  if (typeof value === 'string' && names.includes(value)) return names.indexOf(value);
  const number = Number(integerText(value, `${message.path}${name}`, INT64));
  return number >= 0 && number < names.length ? number : 0;
};

const KINDS = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'].map(
  (name) => `SPAN_KIND_${name}`,
);
const STATUS_CODES = ['UNSET', 'OK', 'ERROR'].map((name) => `STATUS_CODE_${name}`);

const doubleValueOf = (value: unknown, path: string): NonNullable<AnyValue['doubleValue']> => {
  if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return value;
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || Number.isNaN(number)) throw wrong(path, 'a number', value);
  return doubleOf(number);
};

const VALUES: Readonly<Record<string, (value: unknown, path: string, depth: number) => AnyValue>> = {
  stringValue: (value, path) => {
    if (typeof value !== 'string') throw wrong(path, 'text', value);
    return { stringValue: value };
  },
  boolValue: (value, path) => {
    if (typeof value !== 'boolean') throw wrong(path, 'true or false', value);
    return { boolValue: value };
  },
  intValue: (value, path) => ({ intValue: integerText(value, path, INT64) }),
  doubleValue: (value, path) => ({ doubleValue: doubleValueOf(value, path) }),
  bytesValue: (value, path) => {
    if (typeof value !== 'string' || !/^[\w+/-]*={0,2}$/.test(value)) throw wrong(path, 'base64', value);
    return { bytesValue: value };
  },
  arrayValue: (value, path, depth) => ({
    arrayValue: { values: messagesOf(messageOf(value, `${path}.`), 'values').map((item) => anyValue(item, depth + 1)) },
  }),
  kvlistValue: (value, path, depth) => ({
    kvlistValue: { values: keyValues(messageOf(value, `${path}.`), 'values', depth + 1) },
  }),
};

const anyValue = (message: Message, depth: number): AnyValue => {
  if (depth > DEEPEST_VALUE) {
    throw new InvalidRequestError(`an attribute is nested more than ${DEEPEST_VALUE} levels deep`);
  }
  for (const [name, decode] of Object.entries(VALUES)) {
    const value = fieldOf(message, name);
    if (value !== undefined) return decode(value, `${message.path}${name}`, depth);
  }
  return {};
};

const keyValues = (message: Message, name: string, depth: number): readonly KeyValue[] =>
  messagesOf(message, name).map((item) => {
    const value = fieldOf(item, 'value');
    return {
      key: textOf(item, 'key') ?? '',
      value: value === undefined ? {} : anyValue(messageOf(value, `${item.path}value.`), depth),
    };
  });

const attributesOf = (message: Message): readonly KeyValue[] => keyValues(message, 'attributes', 1);

/** Ids are hex in either case; what is no id is left for `checkedSpan` to reject. */
const idOf = (message: Message, name: string): string => (textOf(message, name) ?? '').toLowerCase();

const traceStateOf = (message: Message): { readonly traceState?: string } => {
  const traceState = textOf(message, 'traceState');
  return traceState === undefined || traceState === '' ? {} : { traceState };
};

const eventOf = (message: Message): SpanEvent => ({
  timeUnixNano: timeOf(message, 'timeUnixNano') ?? '0',
  name: textOf(message, 'name') ?? '',
  attributes: attributesOf(message),
});

const linkOf = (message: Message): SpanLink => ({
  traceId: idOf(message, 'traceId'),
  spanId: idOf(message, 'spanId'),
  ...traceStateOf(message),
  attributes: attributesOf(message),
});

const statusOf = (message: Message): SpanStatus => {
  const value = fieldOf(message, 'status');
  if (value === undefined) return { code: 0 };
  const status = messageOf(value, `${message.path}status.`);
  const text = textOf(status, 'message');
  return {
    code: statusCodeOf(enumOf(status, 'code', STATUS_CODES) ?? 0),
    ...(text === undefined || text === '' ? {} : { message: text }),
  };
};

const spanOf = (message: Message): Span => {
  const endTimeUnixNano = timeOf(message, 'endTimeUnixNano');
  const kind = enumOf(message, 'kind', KINDS);
  return {
    traceId: idOf(message, 'traceId'),
    spanId: idOf(message, 'spanId'),
    ...traceStateOf(message),
    parentSpanId: idOf(message, 'parentSpanId'),
    name: textOf(message, 'name') ?? '',
    ...(kind === undefined ? {} : { kind }),
    startTimeUnixNano: timeOf(message, 'startTimeUnixNano') ?? '0',
    ...(endTimeUnixNano === undefined ? {} : { endTimeUnixNano }),
    attributes: attributesOf(message),
    events: messagesOf(message, 'events').map(eventOf),
    links: messagesOf(message, 'links').map(linkOf),
    status: statusOf(message),
  };
};

/**
 * The spans of an ExportTraceServiceRequest in OTLP's JSON; see `decodeOtlpProtobuf`.
 * @param body the parsed JSON.
 * @throws InvalidRequestError naming the field that is not what OTLP has there.
 */
export const decodeOtlpJson = (body: unknown): DecodedSpans => {
  const messages = messagesOf(messageOf(body, ''), 'resourceSpans')
    .flatMap((resource) => messagesOf(resource, 'scopeSpans'))
    .flatMap((scope) => messagesOf(scope, 'spans'));
  const spans = messages.map((message) => checkedSpan(spanOf(message))).filter((span) => span !== undefined);
  return { spans, rejectedCount: messages.length - spans.length };
};
