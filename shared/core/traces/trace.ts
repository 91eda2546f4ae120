import type { TextByKey } from '../tracking/index.ts';
import type { TokenUsage } from './token-usage.ts';

export type TraceState = 'STATE_UNSPECIFIED' | 'OK' | 'ERROR' | 'IN_PROGRESS';

/** What a trace says of itself, as every answer gives it. */
export interface TraceInfo {
  /** `tr-` and the 32 hex digits of OpenTelemetry's trace id, when we or a client of MLflow made it. */
  readonly traceId: string;
  readonly experimentId: string;
  /** When it began. */
  readonly requestTimeMs: number;
  /** Absent while it runs. */
  readonly executionDurationMs?: number;
  readonly state: TraceState;
  readonly clientRequestId?: string;
  readonly requestPreview?: string;
  readonly responsePreview?: string;
  /** Fixed when the trace is reported. */
  readonly metadata: TextByKey;
  readonly tags: TextByKey;
}

/** What a client says of a trace, once it has ended or when it begins. */
export interface TraceReport {
  readonly traceId: string;
  readonly experimentId: string;
  readonly requestTimeMs: number;
  readonly executionDurationMs?: number;
  readonly state: TraceState;
  readonly clientRequestId?: string;
  readonly requestPreview?: string;
  readonly responsePreview?: string;
  readonly metadata: TextByKey;
  readonly tags: TextByKey;
}

/**
 * A trace as it is stored: what was reported and what its spans tell, apart. Its info is worked out from both, so that
 * the order in which they arrive, and how often, changes nothing.
 */
export interface Trace {
  readonly traceId: string;
  readonly experimentId: string;
  readonly reported?: Omit<TraceReport, 'traceId' | 'experimentId' | 'metadata' | 'tags'>;
  readonly spans?: SpanSummary;
  readonly metadata: TextByKey;
  readonly tags: TextByKey;
  /** Runs that it was linked to, besides the one of its metadata. */
  readonly linkedRunIds: readonly string[];
}

/**
 * What the spans of a trace tell of it. Two summaries join into one whatever their order, and a span that is told twice
 * counts once: `joinSummaries` is commutative, associative and idempotent.
 */
export interface SpanSummary {
  /** Of the earliest span. */
  readonly startUnixNano: string;
  /** Of the last span that has ended. */
  readonly endUnixNano?: string;
  readonly root?: RootSpan;
  /** Of the spans that used a model, by span id. */
  readonly usageBySpan: Readonly<Record<string, TokenUsage>>;
}

export interface RootSpan {
  readonly spanId: string;
  readonly startUnixNano: string;
  readonly endUnixNano?: string;
  readonly name: string;
  readonly state: TraceState;
  readonly requestPreview?: string;
  readonly responsePreview?: string;
}

/** What an index by time keeps of a trace. */
export interface TraceEntry {
  readonly info: TraceInfo;
  readonly linkedRunIds: readonly string[];
}

export const TRACE_NAME_TAG = 'mlflow.traceName';
export const ARTIFACT_LOCATION_TAG = 'mlflow.artifactLocation';
/** Tells a client where the spans are: with us, or (absent) in `traces.json` below the artifact location. */
export const SPANS_LOCATION_TAG = 'mlflow.trace.spansLocation';
export const SPANS_WITH_US = 'TRACKING_STORE';
export const SOURCE_RUN_METADATA = 'mlflow.sourceRun';
export const SIZE_STATS_METADATA = 'mlflow.trace.sizeStats';
export const TOKEN_USAGE_METADATA = 'mlflow.trace.tokenUsage';
