import { InvalidRequestError, NotFoundError } from '../../kernel/errors.ts';
import { shorten } from '../../kernel/show-value.ts';
import type { TextByKey } from '../tracking/index.ts';
import type { Span } from './span.ts';
import { attributeOf, cutPreview, joinSummaries, summarizeSpans } from './span-summary.ts';
import { sumUsages } from './token-usage.ts';
import {
  ARTIFACT_LOCATION_TAG,
  SPANS_LOCATION_TAG,
  SPANS_WITH_US,
  TOKEN_USAGE_METADATA,
  TRACE_NAME_TAG,
  type Trace,
  type TraceEntry,
  type TraceInfo,
  type TraceReport,
  type TraceState,
} from './trace.ts';

/** What may become of a trace. Pure; each may be applied again without a further effect. */

const LONGEST_METADATA = 250;
const LONGEST_TAG_KEY = 250;
const LONGEST_TAG_VALUE = 4_096;
/** Of everything that a trace's info holds: it is kept in one item, and again in the index. */
const LARGEST_INFO_CHARACTERS = 100_000;
const MOST_LINKED_RUNS = 100;
/** The last instant that the index by time can order: the year 5138. */
export const LAST_REQUEST_TIME_MS = 99_999_999_999_999;

const TRACE_ID = /^[\w.:-]{1,128}$/;

/** @throws InvalidRequestError for a text that can be no trace's id. */
export const checkTraceId = (traceId: string): string => {
  if (TRACE_ID.test(traceId)) return traceId;
  throw new InvalidRequestError(
    `trace_id must be 1 to 128 letters, digits, '_', '.', ':' or '-', got ${JSON.stringify(shorten(traceId))}`,
  );
};

export const traceNotFound = (traceId: string): NotFoundError =>
  new NotFoundError(`Trace with ID '${shorten(traceId, 200)}' not found.`);

/** Where a trace's files lie: below its experiment's artifacts. */
export const artifactLocationOf = (experimentLocation: string, traceId: string): string =>
  `${experimentLocation.replace(/\/+$/, '')}/traces/${traceId}/artifacts`;

/** The trace that a span belongs to: the one it names, else the one of OpenTelemetry's id. */
export const traceIdOf = (span: Span): string => {
  const named = attributeOf(span.attributes, 'mlflow.traceRequestId')?.stringValue;
  return named !== undefined && TRACE_ID.test(named) ? named : `tr-${span.traceId}`;
};

const cut = (texts: TextByKey, longestKey: number, longestValue: number): TextByKey =>
  Object.fromEntries(
    Object.entries(texts).map(([key, value]) => [key.slice(0, longestKey), value.slice(0, longestValue)]),
  );

const checkSize = (trace: Trace): Trace => {
  const { spans: _, ...kept } = trace;
  const size = JSON.stringify(kept).length;
  if (size > LARGEST_INFO_CHARACTERS) {
    throw new InvalidRequestError(
      `the tags and metadata of trace ${trace.traceId} have ${size} characters, at most ${LARGEST_INFO_CHARACTERS} are allowed`,
    );
  }
  return trace;
};

interface Origin {
  readonly traceId: string;
  readonly experimentId: string;
  /** Artifacts of the experiment. */
  readonly artifactLocation: string;
}

const begin = ({ traceId, experimentId, artifactLocation }: Origin): Trace => ({
  traceId,
  experimentId,
  metadata: {},
  tags: { [ARTIFACT_LOCATION_TAG]: artifactLocationOf(artifactLocation, traceId) },
  linkedRunIds: [],
});

/**
 * The trace with what a client reports of it: a later report replaces an earlier one, its tags and metadata are added.
 * @throws InvalidRequestError for a time that cannot be ordered, and for too many tags.
 */
export const reportTrace = (current: Trace | undefined, report: TraceReport, artifactLocation: string): Trace => {
  const { traceId, experimentId, metadata, tags, requestPreview, responsePreview, ...reported } = report;
  if (reported.requestTimeMs < 0 || reported.requestTimeMs > LAST_REQUEST_TIME_MS) {
    throw new InvalidRequestError(
      `request_time must be between 1970 and 5138, got ${reported.requestTimeMs} ms since 1970`,
    );
  }
  const trace = current ?? begin({ traceId, experimentId, artifactLocation });
  // The location is ours to say; a client that reports again repeats the one it was told.
  const { [ARTIFACT_LOCATION_TAG]: _, [SPANS_LOCATION_TAG]: __, ...own } = tags;
  return checkSize({
    ...trace,
    experimentId,
    reported: {
      ...reported,
      ...(requestPreview === undefined ? {} : { requestPreview: cutPreview(requestPreview) }),
      ...(responsePreview === undefined ? {} : { responsePreview: cutPreview(responsePreview) }),
    },
    metadata: { ...trace.metadata, ...cut(metadata, LONGEST_METADATA, LONGEST_METADATA) },
    tags: { ...trace.tags, ...cut(own, LONGEST_TAG_KEY, LONGEST_TAG_VALUE) },
  });
};

/** The trace with further spans, all of them its own. */
export const addSpans = (current: Trace | undefined, spans: readonly Span[], origin: Origin): Trace => {
  const trace = current ?? begin(origin);
  const summary = joinSummaries(trace.spans, summarizeSpans(spans));
  if (summary === undefined) return trace;
  const name = trace.spans?.root === undefined ? summary.root?.name : undefined;
  return {
    ...trace,
    spans: summary,
    tags: {
      ...(name === undefined ? {} : { [TRACE_NAME_TAG]: name.slice(0, LONGEST_TAG_VALUE) }),
      ...trace.tags,
      [SPANS_LOCATION_TAG]: SPANS_WITH_US,
    },
  };
};

/** @throws InvalidRequestError for a key that is too long. */
export const setTag = (trace: Trace, key: string, value: string): Trace => {
  if (key.length > LONGEST_TAG_KEY) {
    throw new InvalidRequestError(`a tag's key has at most ${LONGEST_TAG_KEY} characters, got ${key.length}`);
  }
  return checkSize({ ...trace, tags: { ...trace.tags, [key]: value.slice(0, LONGEST_TAG_VALUE) } });
};

/** @throws NotFoundError for a tag that the trace does not have. */
export const deleteTag = (trace: Trace, key: string): Trace => {
  if (!Object.hasOwn(trace.tags, key)) {
    throw new NotFoundError(`No trace tag with key '${shorten(key, 250)}' for trace with ID '${trace.traceId}'`);
  }
  return { ...trace, tags: Object.fromEntries(Object.entries(trace.tags).filter(([name]) => name !== key)) };
};

/** @throws InvalidRequestError beyond 100 runs. */
export const linkRun = (trace: Trace, runId: string): Trace => {
  if (trace.linkedRunIds.includes(runId)) return trace;
  if (trace.linkedRunIds.length >= MOST_LINKED_RUNS) {
    throw new InvalidRequestError(`trace ${trace.traceId} is linked to ${MOST_LINKED_RUNS} runs, no more are allowed`);
  }
  return { ...trace, linkedRunIds: [...trace.linkedRunIds, runId] };
};

const msOf = (unixNano: string): number => Number(BigInt(unixNano) / 1_000_000n);

const stateOf = ({ reported, spans }: Trace): TraceState => {
  if (reported?.state === 'OK' || reported?.state === 'ERROR') return reported.state;
  return spans?.root?.state ?? reported?.state ?? 'IN_PROGRESS';
};

const durationOf = ({ reported, spans }: Trace, requestTimeMs: number): number | undefined => {
  if (reported?.executionDurationMs !== undefined) return reported.executionDurationMs;
  return spans?.endUnixNano === undefined ? undefined : Math.max(0, msOf(spans.endUnixNano) - requestTimeMs);
};

/** The sum over the spans, unless the client has said it. */
const usageMetadata = ({ spans, metadata }: Trace): TextByKey => {
  const usage = sumUsages(Object.values(spans?.usageBySpan ?? {}));
  if (usage === undefined || Object.hasOwn(metadata, TOKEN_USAGE_METADATA)) return {};
  const { inputTokens, outputTokens, totalTokens } = usage;
  const text = `{"input_tokens": ${inputTokens}, "output_tokens": ${outputTokens}, "total_tokens": ${totalTokens}}`;
  return { [TOKEN_USAGE_METADATA]: text };
};

export const traceInfoOf = (trace: Trace): TraceInfo => {
  const { reported, spans } = trace;
  const requestTimeMs = reported?.requestTimeMs ?? msOf(spans?.startUnixNano ?? '0');
  const executionDurationMs = durationOf(trace, requestTimeMs);
  const requestPreview = reported?.requestPreview ?? spans?.root?.requestPreview;
  const responsePreview = reported?.responsePreview ?? spans?.root?.responsePreview;
  return {
    traceId: trace.traceId,
    experimentId: trace.experimentId,
    requestTimeMs,
    ...(executionDurationMs === undefined ? {} : { executionDurationMs }),
    state: stateOf(trace),
    ...(reported?.clientRequestId === undefined ? {} : { clientRequestId: reported.clientRequestId }),
    ...(requestPreview === undefined ? {} : { requestPreview }),
    ...(responsePreview === undefined ? {} : { responsePreview }),
    metadata: { ...usageMetadata(trace), ...trace.metadata },
    tags: trace.tags,
  };
};

export const traceEntryOf = (trace: Trace): TraceEntry => ({
  info: traceInfoOf(trace),
  linkedRunIds: trace.linkedRunIds,
});
