import type { Span, Trace, WalkTraces } from '../core/traces/index.ts';

/** Traces of one workspace with their spans. Reads see every write that was answered before. */
export interface TraceStore {
  /** @throws NotFoundError */
  get(traceId: string): Promise<Trace>;
  /** With every telling of its spans, in no order; undefined when there is none. */
  read(traceId: string): Promise<{ readonly trace: Trace; readonly spans: readonly Span[] } | undefined>;
  /**
   * Reads, decides and writes conditionally until nobody came between; the spans are kept in the same transaction.
   * Spans that were kept before are kept once. `change` may be called several times.
   * @throws whatever `change` throws; ConflictError when too many others write the trace.
   */
  change(
    traceId: string,
    change: (current: Trace | undefined) => Trace | Promise<Trace>,
    spans?: readonly Span[],
  ): Promise<Trace>;
  /**
   * Deletes the trace with all that is kept of it, if it belongs to the experiment.
   * @returns whether there was one.
   */
  delete(traceId: string, experimentId: string): Promise<boolean>;
  /** By time. */
  readonly walk: WalkTraces;
}
