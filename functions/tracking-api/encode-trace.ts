import { Buffer } from 'node:buffer';
import { encodeKeyValues, listed } from '../../shared/contracts/http/mlflow/encode-value.ts';
import type { AnyValue, KeyValue, Span, TraceInfo } from '../../shared/core/traces/index.ts';
import { isoTime } from '../../shared/kernel/time.ts';

/** Traces and spans as MLflow's messages have them: `TraceInfoV3`, OpenTelemetry's `Span` in protobuf's JSON, `TraceInfo`. */

const filled = (name: string, texts: Readonly<Record<string, string>>): object =>
  Object.keys(texts).length === 0 ? {} : { [name]: texts };

export const encodeTraceInfo = (info: TraceInfo): object => ({
  trace_id: info.traceId,
  ...(info.clientRequestId === undefined ? {} : { client_request_id: info.clientRequestId }),
  trace_location: { type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id: info.experimentId } },
  ...(info.requestPreview === undefined ? {} : { request_preview: info.requestPreview }),
  ...(info.responsePreview === undefined ? {} : { response_preview: info.responsePreview }),
  request_time: isoTime(info.requestTimeMs),
  ...(info.executionDurationMs === undefined ? {} : { execution_duration: `${info.executionDurationMs / 1_000}s` }),
  state: info.state,
  ...filled('trace_metadata', info.metadata),
  ...filled('tags', info.tags),
});

const STATUSES = { STATE_UNSPECIFIED: 'TRACE_STATUS_UNSPECIFIED' } as const;

/** The form before MLflow 3. */
export const encodeTraceInfoV2 = (info: TraceInfo): object => ({
  request_id: info.traceId,
  experiment_id: info.experimentId,
  timestamp_ms: info.requestTimeMs,
  execution_time_ms: info.executionDurationMs ?? 0,
  status: info.state === 'STATE_UNSPECIFIED' ? STATUSES[info.state] : info.state,
  ...listed('request_metadata', encodeKeyValues(info.metadata)),
  ...listed('tags', encodeKeyValues(info.tags)),
});

const base64Of = (hex: string): string => Buffer.from(hex, 'hex').toString('base64');

const encodeAnyValue = (value: AnyValue): object => {
  if (value.stringValue !== undefined) return { string_value: value.stringValue };
  if (value.boolValue !== undefined) return { bool_value: value.boolValue };
  if (value.intValue !== undefined) return { int_value: value.intValue };
  if (value.doubleValue !== undefined) return { double_value: value.doubleValue };
  if (value.bytesValue !== undefined) return { bytes_value: value.bytesValue };
  if (value.arrayValue !== undefined) return { array_value: { values: value.arrayValue.values.map(encodeAnyValue) } };
  return value.kvlistValue === undefined
    ? {}
    : { kvlist_value: { values: encodeAttributes(value.kvlistValue.values) } };
};

const encodeAttributes = (attributes: readonly KeyValue[]): readonly object[] =>
  attributes.map(({ key, value }) => ({ key, value: encodeAnyValue(value) }));

const KINDS = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];
const CODES = ['STATUS_CODE_UNSET', 'STATUS_CODE_OK', 'STATUS_CODE_ERROR'] as const;

export const encodeSpan = (span: Span): object => ({
  trace_id: base64Of(span.traceId),
  span_id: base64Of(span.spanId),
  ...(span.traceState === undefined ? {} : { trace_state: span.traceState }),
  ...(span.parentSpanId === undefined ? {} : { parent_span_id: base64Of(span.parentSpanId) }),
  name: span.name,
  ...(span.kind === undefined ? {} : { kind: `SPAN_KIND_${KINDS[span.kind] ?? 'UNSPECIFIED'}` }),
  // 64 bits: as text, which protobuf's JSON reads, and JavaScript does not round.
  start_time_unix_nano: span.startTimeUnixNano,
  ...(span.endTimeUnixNano === undefined ? {} : { end_time_unix_nano: span.endTimeUnixNano }),
  ...listed('attributes', encodeAttributes(span.attributes)),
  ...listed(
    'events',
    span.events.map(({ timeUnixNano, name, attributes }) => ({
      time_unix_nano: timeUnixNano,
      name,
      ...listed('attributes', encodeAttributes(attributes)),
    })),
  ),
  ...listed(
    'links',
    span.links.map(({ traceId, spanId, traceState, attributes }) => ({
      trace_id: base64Of(traceId),
      span_id: base64Of(spanId),
      ...(traceState === undefined ? {} : { trace_state: traceState }),
      ...listed('attributes', encodeAttributes(attributes)),
    })),
  ),
  status: {
    code: CODES[span.status.code],
    ...(span.status.message === undefined ? {} : { message: span.status.message }),
  },
});
