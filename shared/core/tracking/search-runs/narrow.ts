import { RUN_NAME_TAG } from '../run-name.ts';
import type { Clause, Field, Filter } from '../search.ts';
import type { EntryRange, RunEntry, RunIndexReads } from './run-index-reads.ts';
import { isIndexedWhole } from './value-group.ts';

const BATCH = 1_000;
/** More candidates than these are not worth reading one by one. */
export const MAX_CANDIDATES = 2_000;

export interface IndexedClause {
  readonly field: Field;
  readonly range: EntryRange;
}

/** NaN stands after every number, and satisfies no clause. */
const NUMBERS: Required<EntryRange> = {
  from: { value: -Number.MAX_VALUE, inclusive: true },
  to: { value: Number.MAX_VALUE, inclusive: true },
};

const rangeOf = ({ comparator, value }: Clause): EntryRange | undefined => {
  if (typeof value === 'object' || !isIndexedWhole(value)) return undefined;
  const bound = { value, inclusive: comparator !== '>' && comparator !== '<' };
  if (comparator === '=') return { from: bound, to: bound };
  if (typeof value === 'string') return undefined;
  if (comparator === '>' || comparator === '>=') return { ...NUMBERS, from: bound };
  return comparator === '<' || comparator === '<=' ? { ...NUMBERS, to: bound } : undefined;
};

/** The name of a run is also a tag, which may be indexed where the attribute is not. */
const indexedField = (index: RunIndexReads, field: Field): Field | undefined => {
  if (index.keeps(field)) return field;
  const tag: Field = { kind: 'tag', key: RUN_NAME_TAG };
  return field.kind === 'attribute' && field.key === 'run_name' && index.keeps(tag) ? tag : undefined;
};

/** The clauses whose runs stand together in an index. Start times are left to the walk by time. */
export const indexedClauses = (index: RunIndexReads, filter: Filter): readonly IndexedClause[] =>
  filter.flatMap((clause) => {
    const field = indexedField(index, clause.field);
    const range = rangeOf(clause);
    const isTime = field?.kind === 'attribute' && field.key === 'start_time';
    return field === undefined || range === undefined || isTime ? [] : [{ field, range }];
  });

/** Reads the entries of one clause, batch by batch. */
interface RangeRead {
  readonly clause: IndexedClause;
  readonly found: Set<string>;
  readonly experimentIds: string[];
  after: RunEntry | undefined;
}

const readBatch = async (index: RunIndexReads, read: RangeRead): Promise<void> => {
  const [experimentId] = read.experimentIds;
  if (experimentId === undefined) return;
  const { entries, hasMore } = await index.walk({
    experimentId,
    ...read.clause,
    ascending: true,
    ...(read.after === undefined ? {} : { after: read.after }),
    limit: BATCH,
  });
  for (const { runId } of entries) read.found.add(runId);
  read.after = entries.at(-1);
  if (hasMore && read.after !== undefined) return;
  read.after = undefined;
  read.experimentIds.shift();
};

/** Those of the clause with the fewest runs; undefined when every one has more than 2,000, or when `stop` says so. */
export const readSmallestClause = async (
  { index, experimentIds }: { readonly index: RunIndexReads; readonly experimentIds: readonly string[] },
  clauses: readonly IndexedClause[],
  stop: () => boolean,
): Promise<{ readonly field: Field; readonly runIds: readonly string[] } | undefined> => {
  let reads: readonly RangeRead[] = clauses.map((clause) => ({
    clause,
    found: new Set<string>(),
    experimentIds: [...experimentIds],
    after: undefined,
  }));
  while (reads.length > 0 && !stop()) {
    for (const read of reads) await readBatch(index, read);
    reads = reads.filter(({ found }) => found.size <= MAX_CANDIDATES);
    const complete = reads.find((read) => read.experimentIds.length === 0);
    if (complete !== undefined) return { field: complete.clause.field, runIds: [...complete.found] };
  }
  return undefined;
};
