import type { TraceStore } from '../../../ports/trace-store.ts';
import { realPacing } from '../contention.ts';
import type { TraceContext } from './trace-context.ts';
import { traceReads } from './trace-reads.ts';
import { traceWrites } from './trace-writes.ts';

/**
 * Traces in the tracking table: one item for what is known of a trace, one in the index by time, and one for each batch of
 * spans, all of a change in one transaction.
 */
export const createTraceStore = (options: Omit<TraceContext, 'pacing'> & Partial<TraceContext>): TraceStore => {
  const context: TraceContext = { pacing: realPacing, ...options };
  return { ...traceReads(context), ...traceWrites(context) };
};
