import type { Field } from '../search.ts';
import type { EntryRange, RunEntry, RunIndexReads } from './run-index-reads.ts';

const MAX_PAGE = 1_000;
const MIN_PAGE = 10;
const PARALLEL_READS = 20;

export interface EntryWalk {
  readonly index: RunIndexReads;
  readonly experimentIds: readonly string[];
  readonly field: Field;
  readonly ascending: boolean;
  readonly range?: EntryRange;
  readonly after?: RunEntry;
  /** The order of the index. */
  readonly compare: (a: RunEntry, b: RunEntry) => number;
}

/** The entries of several experiments in one order. */
export interface EntryStream {
  /** The first entry that is left; reads about as many as `count` where none is at hand. */
  peek(count: number): Promise<RunEntry | undefined>;
  /** Takes what `peek` showed. */
  drop(): void;
}

interface Branch {
  readonly experimentId: string;
  entries: readonly RunEntry[];
  at: number;
  last: RunEntry | undefined;
  hasMore: boolean;
}

const headOf = (branch: Branch): RunEntry | undefined => branch.entries[branch.at];

const refill = async (walk: EntryWalk, branch: Branch, limit: number): Promise<void> => {
  const { index, field, ascending, range } = walk;
  while (headOf(branch) === undefined && branch.hasMore) {
    const { entries, hasMore } = await index.walk({
      experimentId: branch.experimentId,
      field,
      ascending,
      ...(range === undefined ? {} : { range }),
      ...(branch.last === undefined ? {} : { after: branch.last }),
      limit,
    });
    branch.entries = entries;
    branch.at = 0;
    branch.last = entries.at(-1) ?? branch.last;
    // A page without entries has no position to go on from.
    branch.hasMore = hasMore && entries.length > 0;
  }
};

export const mergeEntries = (walk: EntryWalk): EntryStream => {
  const branches: readonly Branch[] = walk.experimentIds.map((experimentId) => ({
    experimentId,
    entries: [],
    at: 0,
    last: walk.after,
    hasMore: true,
  }));
  let least: Branch | undefined;
  const refillAll = async (count: number): Promise<void> => {
    const empty = branches.filter((branch) => headOf(branch) === undefined && branch.hasMore);
    const limit = Math.min(MAX_PAGE, Math.max(MIN_PAGE, Math.ceil((count / branches.length) * 1.2)));
    for (let from = 0; from < empty.length; from += PARALLEL_READS) {
      await Promise.all(empty.slice(from, from + PARALLEL_READS).map((branch) => refill(walk, branch, limit)));
    }
  };
  const leastBranch = (): Branch | undefined => {
    let found: Branch | undefined;
    for (const branch of branches) {
      const head = headOf(branch);
      const best = found && headOf(found);
      if (head !== undefined && (best === undefined || walk.compare(head, best) < 0)) found = branch;
    }
    return found;
  };
  return {
    peek: async (count) => {
      await refillAll(count);
      least = leastBranch();
      return least && headOf(least);
    },
    drop: () => {
      if (least !== undefined) least.at += 1;
    },
  };
};
