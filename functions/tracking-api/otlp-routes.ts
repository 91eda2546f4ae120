import { gunzipSync, inflateSync } from 'node:zlib';
import {
  addSpans,
  type DecodedSpans,
  decodeOtlpJson,
  decodeOtlpProtobuf,
  type Span,
  traceIdOf,
} from '../../shared/core/traces/index.ts';
import { activeExperiment } from '../../shared/core/tracking/index.ts';
import { createProtobufWriter } from '../../shared/core/training/protobuf-writer.ts';
import type { HttpRequest, HttpResponse } from '../../shared/http/index.ts';
import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import { shorten } from '../../shared/kernel/show-value.ts';
import { checkExperimentId } from './decode-tracking.ts';
import type { MlflowCall, MlflowRoute } from './mlflow-route.ts';

/** OpenTelemetry's protocol over HTTP: https://opentelemetry.io/docs/specs/otlp/#otlphttp */

const EXPERIMENT_HEADER = 'x-mlflow-experiment-id';
/** What a body may unpack to: beyond it a few kilobytes could fill the function's memory. */
const LARGEST_BODY_BYTES = 32 * 1_024 * 1_024;
/** Traces written at once. */
const WRITTEN_AT_ONCE = 8;

type Encoding = 'protobuf' | 'json';
const MEDIA_TYPES: Readonly<Record<Encoding, string>> = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
};

const OPENING_BRACE = 0x7b;

/** By its type; without one by its content, since no protobuf message of OTLP begins with a brace. */
const encodingOf = ({ headers }: HttpRequest, body: Uint8Array): Encoding => {
  const type = (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (type === MEDIA_TYPES.protobuf || type === 'application/protobuf') return 'protobuf';
  if (type === MEDIA_TYPES.json) return 'json';
  if (type === '') return body[0] === OPENING_BRACE ? 'json' : 'protobuf';
  throw new InvalidRequestError(
    `Invalid Content-Type: ${shorten(type ?? '')}. Expected: ${MEDIA_TYPES.protobuf} or ${MEDIA_TYPES.json}`,
  );
};

const unpack = ({ headers, body }: HttpRequest): Uint8Array => {
  const coding = headers['content-encoding']?.trim().toLowerCase() ?? '';
  if (coding === '' || coding === 'identity') return body;
  if (coding !== 'gzip' && coding !== 'deflate') {
    throw new InvalidRequestError(`content-encoding must be gzip or deflate, got ${shorten(coding)}`);
  }
  const limit = { maxOutputLength: LARGEST_BODY_BYTES };
  try {
    return coding === 'gzip' ? gunzipSync(body, limit) : inflateSync(body, limit);
  } catch (cause) {
    throw new InvalidRequestError(
      `the body is not ${coding}, or unpacks to more than ${LARGEST_BODY_BYTES} bytes: ${(cause as Error).message}`,
      { cause },
    );
  }
};

const parseJson = (body: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (cause) {
    throw new InvalidRequestError(`the body is not JSON in UTF-8: ${shorten((cause as Error).message, 100)}`, {
      cause,
    });
  }
};

/** ExportTraceServiceResponse, in the request's encoding: empty when every span was taken. */
const answerOf = (encoding: Encoding, { rejectedCount }: DecodedSpans): HttpResponse => {
  const headers = { 'content-type': MEDIA_TYPES[encoding] };
  const errorMessage = 'spans without a trace id of 16 bytes and a span id of 8 bytes were rejected';
  if (encoding === 'json') {
    const partialSuccess = { rejectedSpans: String(rejectedCount), errorMessage };
    return { status: 200, headers, body: JSON.stringify(rejectedCount === 0 ? {} : { partialSuccess }) };
  }
  const message = createProtobufWriter();
  if (rejectedCount > 0) message.message(1, createProtobufWriter().integer(1, rejectedCount).text(2, errorMessage));
  return { status: 200, headers, body: message.bytes() };
};

/** Keeps the spans of one trace. The experiment is looked up for a new trace only. */
const keep = async (
  { ports }: MlflowCall,
  {
    traceId,
    experimentId,
    spans,
  }: { readonly traceId: string; readonly experimentId: string; readonly spans: readonly Span[] },
): Promise<void> => {
  await ports.traces.change(
    traceId,
    async (current) => {
      if (current !== undefined) return addSpans(current, spans, { traceId, experimentId, artifactLocation: '' });
      const { artifactLocation } = activeExperiment(await ports.tracking.getExperiment(experimentId));
      return addSpans(undefined, spans, { traceId, experimentId, artifactLocation });
    },
    spans,
  );
};

/** Takes spans. Sent again, in parts or in another order, they make the same traces. */
const exportSpans = async (call: MlflowCall): Promise<HttpResponse> => {
  const header = call.request.headers[EXPERIMENT_HEADER];
  if (!header) throw new InvalidRequestError(`the header ${EXPERIMENT_HEADER} must name the experiment of the spans`);
  const experimentId = checkExperimentId(header);
  const body = unpack(call.request);
  const encoding = encodingOf(call.request, body);
  const decoded = encoding === 'json' ? decodeOtlpJson(parseJson(body)) : decodeOtlpProtobuf(body);
  const byTrace = [...Map.groupBy(decoded.spans, traceIdOf)];
  for (let at = 0; at < byTrace.length; at += WRITTEN_AT_ONCE) {
    const some = byTrace.slice(at, at + WRITTEN_AT_ONCE);
    await Promise.all(some.map(([traceId, spans]) => keep(call, { traceId, experimentId, spans })));
  }
  return answerOf(encoding, decoded);
};

export const otlpRoutes: readonly MlflowRoute[] = [
  { method: 'POST', path: '/v1/traces', root: true, rawBody: true, handle: exportSpans },
];
