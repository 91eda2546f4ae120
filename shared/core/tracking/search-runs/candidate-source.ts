import type { Run } from '../run.ts';
import type { Position } from '../search/order.ts';

/** A run that may belong to the answer. */
export interface Candidate {
  readonly runId: string;
  /** Whether the run is what the index said when it was read; if not, it stands elsewhere. */
  readonly holds: (run: Run) => boolean;
}

export interface CandidateChunk {
  readonly candidates: readonly Candidate[];
  /** Every run up to here stands in this chunk or an earlier one. Absent when only the runs themselves can tell. */
  readonly covers?: Position;
}

/** Candidates in the search's order, but for those within one chunk: whatever follows a chunk stands after all of it. */
export interface CandidateSource {
  /** About `count` candidates, more where a group does not end before; undefined when there are no more. */
  next(count: number): Promise<CandidateChunk | undefined>;
}

/** A group is read and sorted whole, so it has a bound. */
export const MAX_GROUP_SIZE = 20_000;

/** Candidates in no order: one chunk. */
export const unordered = (runIds: readonly string[]): CandidateSource => {
  let given = runIds.length === 0;
  return {
    next: async () => {
      if (given) return undefined;
      given = true;
      return { candidates: [...new Set(runIds)].map((runId) => ({ runId, holds: () => true })) };
    },
  };
};

/** One source after the other; each is made when the one before has ended. */
export const inTurn = (sources: readonly (() => CandidateSource)[]): CandidateSource => {
  let at = 0;
  let current: CandidateSource | undefined;
  return {
    next: async (count) => {
      while (at < sources.length) {
        current ??= sources[at]?.();
        const chunk = await current?.next(count);
        if (chunk !== undefined) return chunk;
        current = undefined;
        at += 1;
      }
      return undefined;
    },
  };
};
