import { InvalidRequestError } from '../../kernel/errors.ts';
import {
  base64Of,
  contentOf,
  doubleOfField,
  hexOf,
  readFields,
  signedOf,
  textOf,
  unsignedOf,
  type WireField,
} from '../protobuf/index.ts';
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

/** Field numbers: https://github.com/open-telemetry/opentelemetry-proto, `trace/v1/trace.proto`, `common/v1/common.proto`. */

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] };
type Readers<T> = Readonly<Record<number, (target: T, field: WireField) => void>>;

/** Unknown fields are passed over: a newer sender may have them. */
const readInto = <T>(target: T, bytes: Uint8Array, readers: Readers<T>): T => {
  for (const field of readFields(bytes)) readers[field.number]?.(target, field);
  return target;
};

const anyValue = (bytes: Uint8Array, depth: number): AnyValue => {
  if (depth > DEEPEST_VALUE) {
    throw new InvalidRequestError(`an attribute is nested more than ${DEEPEST_VALUE} levels deep`);
  }
  let value: AnyValue = {};
  for (const field of readFields(bytes)) value = ANY_VALUE[field.number]?.(field, depth) ?? value;
  return value;
};

/** One of them is set: the last one stands, as protobuf has it. */
const ANY_VALUE: Readonly<Record<number, (field: WireField, depth: number) => AnyValue>> = {
  1: (field) => ({ stringValue: textOf(field) }),
  2: (field) => ({ boolValue: signedOf(field) !== 0n }),
  3: (field) => ({ intValue: signedOf(field).toString() }),
  4: (field) => ({ doubleValue: doubleOf(doubleOfField(field)) }),
  5: (field, depth) => {
    const values: AnyValue[] = [];
    for (const item of readFields(contentOf(field))) {
      if (item.number === 1) values.push(anyValue(contentOf(item), depth + 1));
    }
    return { arrayValue: { values } };
  },
  6: (field, depth) => {
    const values: KeyValue[] = [];
    for (const item of readFields(contentOf(field))) {
      if (item.number === 1) values.push(keyValue(contentOf(item), depth + 1));
    }
    return { kvlistValue: { values } };
  },
  7: (field) => ({ bytesValue: base64Of(field) }),
};

const keyValue = (bytes: Uint8Array, depth: number): KeyValue =>
  readInto<Mutable<KeyValue>>({ key: '', value: {} }, bytes, {
    1: (target, field) => {
      target.key = textOf(field);
    },
    2: (target, field) => {
      target.value = anyValue(contentOf(field), depth);
    },
  });

const attributeOf = (field: WireField): KeyValue => keyValue(contentOf(field), 1);

type Draft<T extends { readonly attributes: readonly KeyValue[] }> = Omit<Mutable<T>, 'attributes'> & {
  readonly attributes: KeyValue[];
};

const EVENT: Readers<Draft<SpanEvent>> = {
  1: (target, field) => {
    target.timeUnixNano = unsignedOf(field);
  },
  2: (target, field) => {
    target.name = textOf(field);
  },
  3: (target, field) => {
    target.attributes.push(attributeOf(field));
  },
};

const LINK: Readers<Draft<SpanLink>> = {
  1: (target, field) => {
    target.traceId = hexOf(field);
  },
  2: (target, field) => {
    target.spanId = hexOf(field);
  },
  3: (target, field) => {
    target.traceState = textOf(field);
  },
  4: (target, field) => {
    target.attributes.push(attributeOf(field));
  },
};

const STATUS: Readers<Mutable<SpanStatus>> = {
  2: (target, field) => {
    target.message = textOf(field);
  },
  3: (target, field) => {
    target.code = statusCodeOf(Number(signedOf(field)));
  },
};

type SpanDraft = Omit<Draft<Span>, 'events' | 'links'> & {
  readonly events: SpanEvent[];
  readonly links: SpanLink[];
};

const SPAN: Readers<SpanDraft> = {
  1: (target, field) => {
    target.traceId = hexOf(field);
  },
  2: (target, field) => {
    target.spanId = hexOf(field);
  },
  3: (target, field) => {
    target.traceState = textOf(field);
  },
  4: (target, field) => {
    target.parentSpanId = hexOf(field);
  },
  5: (target, field) => {
    target.name = textOf(field);
  },
  6: (target, field) => {
    target.kind = Number(signedOf(field));
  },
  7: (target, field) => {
    target.startTimeUnixNano = unsignedOf(field);
  },
  8: (target, field) => {
    target.endTimeUnixNano = unsignedOf(field);
  },
  9: (target, field) => {
    target.attributes.push(attributeOf(field));
  },
  11: (target, field) => {
    target.events.push(readInto({ timeUnixNano: '0', name: '', attributes: [] }, contentOf(field), EVENT));
  },
  13: (target, field) => {
    target.links.push(readInto({ traceId: '', spanId: '', attributes: [] }, contentOf(field), LINK));
  },
  15: (target, field) => {
    target.status = readInto<Mutable<SpanStatus>>({ code: 0 }, contentOf(field), STATUS);
  },
};

const spanOf = (bytes: Uint8Array): Span =>
  readInto<SpanDraft>(
    {
      traceId: '',
      spanId: '',
      name: '',
      startTimeUnixNano: '0',
      attributes: [],
      events: [],
      links: [],
      status: { code: 0 },
    },
    bytes,
    SPAN,
  );

const RESOURCE_SPANS = 1;
const SCOPE_SPANS = 2;
const SPANS = 2;

/**
 * The spans of an ExportTraceServiceRequest. What describes the resource and the scope is left aside: MLflow's traces
 * have no place for it.
 * @throws InvalidRequestError for bytes that are no such message.
 */
export const decodeOtlpProtobuf = (body: Uint8Array): DecodedSpans => {
  const spans: Span[] = [];
  let rejectedCount = 0;
  for (const resource of fieldsNumbered(body, RESOURCE_SPANS)) {
    for (const scope of fieldsNumbered(resource, SCOPE_SPANS)) {
      for (const content of fieldsNumbered(scope, SPANS)) {
        const span = checkedSpan(spanOf(content));
        if (span === undefined) rejectedCount += 1;
        else spans.push(span);
      }
    }
  }
  return { spans, rejectedCount };
};

function* fieldsNumbered(bytes: Uint8Array, number: number): Generator<Uint8Array, void, undefined> {
  for (const field of readFields(bytes)) {
    if (field.number === number) yield contentOf(field);
  }
}
