import { InvalidRequestError } from '../../../kernel/errors.ts';
import type { Run } from '../run.ts';
import { runValue } from '../run-fields.ts';
import { comparePositions, type Position } from '../search/order.ts';
import type { OrderBy } from '../search.ts';
import { type Candidate, type CandidateSource, MAX_GROUP_SIZE } from './candidate-source.ts';
import { type EntryStream, mergeEntries } from './merge-entries.ts';
import type { RunEntry, RunIndexReads } from './run-index-reads.ts';
import { groupBound, isIndexedWhole, valueGroup } from './value-group.ts';

const START_TIME = { kind: 'attribute', key: 'start_time' } as const;

export const isStartTime = ({ field }: OrderBy): boolean => field.kind === 'attribute' && field.key === START_TIME.key;
const isRunId = ({ field }: OrderBy): boolean => field.kind === 'attribute' && field.key === 'run_id';

/** One part of a search's order. */
export interface Level {
  readonly index: RunIndexReads;
  readonly experimentIds: readonly string[];
  /** The fields before this part: its runs have none of them. */
  readonly missing: readonly OrderBy[];
  /** What is left of the order: its first field is walked. */
  readonly order: readonly OrderBy[];
  /** Where the page before ended, in what is left of the order. */
  readonly after: Position | undefined;
}

/** Whether entries of one value stand in the search's order already: newest first, then by run id. */
const indexDecidesTies = ([first, second, third, ...rest]: readonly OrderBy[]): boolean => {
  if (first !== undefined && isStartTime(first)) return second !== undefined && isRunId(second) && second.ascending;
  if (second === undefined || third === undefined || rest.length > 0) return false;
  return isStartTime(second) && !second.ascending && isRunId(third) && third.ascending;
};

/** Where the walk begins: after the last run where the index knows its place, else before all runs of its group. */
const entryAfter = ({ order, after }: Level): RunEntry | undefined => {
  const [first] = order;
  const value = after?.[0];
  if (first === undefined || after === undefined || value === undefined || value === null) return undefined;
  const exact = indexDecidesTies(order) && isIndexedWhole(value);
  if (isStartTime(first)) {
    return { value, startTimeMs: Number(value), runId: exact ? String(after[1]) : '' };
  }
  if (exact) return { value, startTimeMs: Number(after[1]), runId: String(after[2]) };
  return { value: groupBound(value, first.ascending), startTimeMs: Number.MAX_SAFE_INTEGER, runId: '' };
};

const groupTooLarge = ({ field }: OrderBy): InvalidRequestError =>
  new InvalidRequestError(
    `more than ${MAX_GROUP_SIZE} runs must be compared to order by ${field.kind} '${field.key}' and what follows it; narrow the filter, or order by one field alone`,
  );

interface Grouping {
  readonly by: OrderBy;
  readonly together: (a: RunEntry, b: RunEntry) => boolean;
}

/** About `count` entries, and what is left of the last one's group. */
const takeGroups = async (
  stream: EntryStream,
  count: number,
  { by, together }: Grouping,
): Promise<readonly RunEntry[]> => {
  const taken: RunEntry[] = [];
  for (;;) {
    const head = await stream.peek(count + 1 - taken.length);
    const last = taken.at(-1);
    if (head === undefined) return taken;
    if (last !== undefined && taken.length >= count && !together(last, head)) return taken;
    if (taken.length >= Math.max(count, MAX_GROUP_SIZE)) throw groupTooLarge(by);
    taken.push(head);
    stream.drop();
  }
};

const lacksAll = (run: Run, fields: readonly OrderBy[]): boolean =>
  fields.every(({ field }) => runValue(run, field) === undefined);

const sameGroup = (a: number | string, b: number | string): boolean => {
  const [x, y] = [valueGroup(a), valueGroup(b)];
  return x === y || (Number.isNaN(x) && Number.isNaN(y));
};

/** Entries are hints: the run's own value decides whether it stands there. */
const candidateOf = ({ missing, order }: Level, entry: RunEntry): Candidate => ({
  runId: entry.runId,
  holds: (run) => {
    const value = order[0] && runValue(run, order[0].field);
    if (typeof value !== 'number' && typeof value !== 'string') return false;
    return sameGroup(value, entry.value) && run.info.startTimeMs === entry.startTimeMs && lacksAll(run, missing);
  },
});

/** The place of an entry in the search's whole order, where the index knows it. */
const positionOfEntry = ({ missing, order }: Level, { value, startTimeMs, runId }: RunEntry): Position => {
  const rest = order[0] && isStartTime(order[0]) ? [value, runId] : [value, startTimeMs, runId];
  return [...missing.map(() => null), ...rest];
};

/** Walks the index of the level's first field; runs without the field are left to the next level. */
export const walkSource = (level: Level): CandidateSource => {
  const { index, experimentIds, order } = level;
  const [first] = order;
  // Past its last value: nothing of the index is left.
  if (first === undefined || level.after?.[0] === null) return { next: async () => undefined };
  const byIndex: readonly OrderBy[] = [
    first,
    { field: START_TIME, ascending: false },
    { field: { kind: 'attribute', key: 'run_id' }, ascending: true },
  ];
  const placeOf = ({ value, startTimeMs, runId }: RunEntry): Position => [value, startTimeMs, runId];
  const after = entryAfter(level);
  const stream = mergeEntries({
    index,
    experimentIds,
    field: first.field,
    ascending: first.ascending,
    ...(after === undefined ? {} : { after }),
    compare: (a, b) => comparePositions(byIndex, placeOf(a), placeOf(b)),
  });
  const tied = indexDecidesTies(order);
  const together = (a: RunEntry, b: RunEntry): boolean =>
    !(tied && isIndexedWhole(a.value)) && sameGroup(a.value, b.value);
  return {
    next: async (count) => {
      const entries = await takeGroups(stream, count, { by: first, together });
      const last = entries.at(-1);
      if (last === undefined) return undefined;
      return {
        candidates: entries.map((entry) => candidateOf(level, entry)),
        ...(tied && isIndexedWhole(last.value) ? { covers: positionOfEntry(level, last) } : {}),
      };
    },
  };
};

/** All runs that lack the fields before, as one group: for an order by a field that has no index. */
export const scanSource = (level: Level): CandidateSource => {
  const { index, experimentIds, missing, order } = level;
  const by = order[0] ?? { field: START_TIME, ascending: false };
  const stream = mergeEntries({
    index,
    experimentIds,
    field: START_TIME,
    ascending: false,
    compare: (a, b) => b.startTimeMs - a.startTimeMs,
  });
  return {
    next: async (count) => {
      const entries = await takeGroups(stream, count, { by, together: () => true });
      if (entries.length === 0) return undefined;
      return { candidates: entries.map(({ runId }) => ({ runId, holds: (run) => lacksAll(run, missing) })) };
    },
  };
};
