/**
 * One span as OTLP's JSON encoding has it (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding): ids in
 * lower-case hex, 64-bit integers as decimal text. It is the form we store, whichever encoding a span came in.
 */
export interface Span {
  /** 32 hex digits, not all zero. */
  readonly traceId: string;
  /** 16 hex digits, not all zero. */
  readonly spanId: string;
  /** Absent for a root span. */
  readonly parentSpanId?: string;
  readonly traceState?: string;
  readonly name: string;
  /** 0 unspecified, 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind?: number;
  readonly startTimeUnixNano: string;
  /** Absent while the span runs. */
  readonly endTimeUnixNano?: string;
  readonly attributes: readonly KeyValue[];
  readonly events: readonly SpanEvent[];
  readonly links: readonly SpanLink[];
  readonly status: SpanStatus;
}

export interface KeyValue {
  readonly key: string;
  readonly value: AnyValue;
}

/** At most one field is set; none is null. */
export interface AnyValue {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly intValue?: string;
  /** What JSON has no number for is spelled out. */
  readonly doubleValue?: number | 'NaN' | 'Infinity' | '-Infinity';
  readonly arrayValue?: { readonly values: readonly AnyValue[] };
  readonly kvlistValue?: { readonly values: readonly KeyValue[] };
  /** Base64. */
  readonly bytesValue?: string;
}

export interface SpanEvent {
  readonly timeUnixNano: string;
  readonly name: string;
  readonly attributes: readonly KeyValue[];
}

export interface SpanLink {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceState?: string;
  readonly attributes: readonly KeyValue[];
}

/** 0 unset, 1 ok, 2 error. */
export interface SpanStatus {
  readonly code: 0 | 1 | 2;
  readonly message?: string;
}

/** What one export request holds. A span without valid ids is rejected alone: OTLP calls that a partial success. */
export interface DecodedSpans {
  readonly spans: readonly Span[];
  readonly rejectedCount: number;
}

export const statusCodeOf = (code: number): SpanStatus['code'] => (code === 1 || code === 2 ? code : 0);

export const doubleOf = (value: number): NonNullable<AnyValue['doubleValue']> => {
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
};

const isId = (text: string, digits: number): boolean =>
  text.length === digits && /^[0-9a-f]+$/.test(text) && /[^0]/.test(text);

export const isTraceHex = (text: string): boolean => isId(text, 32);
export const isSpanHex = (text: string): boolean => isId(text, 16);

/** @returns undefined for a span that has no valid ids, which OTLP lets a receiver reject. */
export const checkedSpan = (span: Span): Span | undefined => {
  if (!isTraceHex(span.traceId) || !isSpanHex(span.spanId)) return undefined;
  const { parentSpanId, endTimeUnixNano, ...rest } = span;
  return {
    ...rest,
    ...(parentSpanId !== undefined && isSpanHex(parentSpanId) ? { parentSpanId } : {}),
    ...(endTimeUnixNano === undefined || endTimeUnixNano === '0' ? {} : { endTimeUnixNano }),
  };
};

/** How deep a value may be nested, lists in lists; protobuf's own readers stop at the same order of depth. */
export const DEEPEST_VALUE = 64;
