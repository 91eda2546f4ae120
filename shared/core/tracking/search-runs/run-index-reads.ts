import type { Run, RunInfo } from '../run.ts';
import type { Field } from '../search.ts';

/** One entry of an ordered index: where a run stands by one field, or stood once. */
export interface RunEntry {
  readonly runId: string;
  readonly startTimeMs: number;
  /** Of a text the first 600 bytes, in whole characters. */
  readonly value: number | string;
}

interface Bound {
  readonly value: number | string;
  readonly inclusive: boolean;
}

export interface EntryRange {
  readonly from?: Bound;
  readonly to?: Bound;
}

/** What a search of runs reads: what the port `RunIndex` promises. */
export interface RunIndexReads {
  keeps(field: Field): boolean;
  walk(request: {
    readonly experimentId: string;
    readonly field: Field;
    readonly ascending: boolean;
    readonly range?: EntryRange;
    readonly after?: RunEntry;
    readonly limit: number;
  }): Promise<{ readonly entries: readonly RunEntry[]; readonly hasMore: boolean }>;
  hotRuns(experimentId: string): Promise<readonly string[]>;
  readRuns(runIds: readonly string[]): Promise<readonly Run[]>;
  headers(request: {
    readonly experimentId: string;
    readonly after?: RunEntry;
    readonly limit: number;
  }): Promise<{ readonly headers: readonly RunInfo[]; readonly hasMore: boolean }>;
}
