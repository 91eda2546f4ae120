import type { Key } from '../keys.ts';

/**
 * Traces in the tracking table; `WS` is the workspace, so that no key reaches another one's.
 *
 * | Access pattern                       | Key condition                                                        | Function |
 * |--------------------------------------|----------------------------------------------------------------------|----------|
 * | a trace                              | pk = W/WS/trace/TRACE, sk = trace                                    | get      |
 * | a trace with its spans               | pk = W/WS/trace/TRACE                                                | read     |
 * | an experiment's traces by time       | pk = W/WS/traces/EXPERIMENT, sk from INVERTED-TIME#TRACE             | walk     |
 *
 * Spans that came together are one item, `spans#DIGEST`; the digest is of the spans, so the same ones have the same key.
 */

export const TRACE_SK = 'trace';
export const SPANS_PREFIX = 'spans#';

export const tracePartition = (workspace: string, traceId: string): string => `W/${workspace}/trace/${traceId}`;
export const traceKey = (workspace: string, traceId: string): Key => ({
  pk: tracePartition(workspace, traceId),
  sk: TRACE_SK,
});
export const spansKey = (workspace: string, traceId: string, digest: string): Key => ({
  pk: tracePartition(workspace, traceId),
  sk: `${SPANS_PREFIX}${digest}`,
});

const LAST_MS = 99_999_999_999_999;
const DIGITS = 14;

/** Descending: the latest trace has the least key. */
const invertedTime = (atMs: number): string => String(LAST_MS - atMs).padStart(DIGITS, '0');

export const experimentPartition = (workspace: string, experimentId: string): string =>
  `W/${workspace}/traces/${experimentId}`;
export const timeKey = (
  workspace: string,
  info: { readonly experimentId: string; readonly requestTimeMs: number; readonly traceId: string },
): Key => ({
  pk: experimentPartition(workspace, info.experimentId),
  sk: `${invertedTime(info.requestTimeMs)}#${info.traceId}`,
});

/** The sort keys of a span of time, both ends included. */
export const timeRange = (fromMs: number, toMs: number): { readonly first: string; readonly last: string } => ({
  first: `${invertedTime(toMs)}#`,
  last: `${invertedTime(fromMs)}#\uffff`,
});

/** Where a batch of spans lies that is too large for an item. */
export const spilledSpansKey = (workspace: string, traceId: string, digest: string): string =>
  `tracking/${workspace}/spans/${traceId}/${digest}.json.gz`;
