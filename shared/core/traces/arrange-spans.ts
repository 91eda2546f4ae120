import type { Span } from './span.ts';
import { SIZE_STATS_METADATA, type TraceInfo } from './trace.ts';

/** Of one span told twice, the telling that ended later stands; of equal ones always the same. */
const supersedes = (span: Span, standing: Span): boolean => {
  const ends = [BigInt(span.endTimeUnixNano ?? 0), BigInt(standing.endTimeUnixNano ?? 0)] as const;
  return ends[0] === ends[1] ? JSON.stringify(span) > JSON.stringify(standing) : ends[0] > ends[1];
};

const compareSpans = (a: Span, b: Span): number => {
  const byRoot = Number(a.parentSpanId !== undefined) - Number(b.parentSpanId !== undefined);
  if (byRoot !== 0) return byRoot;
  const [startA, startB] = [BigInt(a.startTimeUnixNano), BigInt(b.startTimeUnixNano)];
  if (startA !== startB) return startA < startB ? -1 : 1;
  return a.spanId < b.spanId ? -1 : 1;
};

/** The spans of a trace, each once: roots first, then by start. */
export const arrangeSpans = (told: readonly Span[]): readonly Span[] => {
  const byId = new Map<string, Span>();
  for (const span of told) {
    const standing = byId.get(span.spanId);
    if (standing === undefined || supersedes(span, standing)) byId.set(span.spanId, span);
  }
  return [...byId.values()].sort(compareSpans);
};

/** Whether all spans are here that the client says the trace has. A trace that it has not counted is whole as it is. */
export const isWhole = ({ metadata }: TraceInfo, spans: readonly Span[]): boolean => {
  const stats = metadata[SIZE_STATS_METADATA];
  const count = stats === undefined ? undefined : /"num_spans":\s*(\d+)/.exec(stats)?.[1];
  return count === undefined || spans.length >= Number(count);
};
