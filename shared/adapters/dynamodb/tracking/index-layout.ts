import type { Field } from '../../../core/tracking/index.ts';
import { assert } from '../../../kernel/assert.ts';
import type { IndexEntry, IndexRange } from '../../../ports/tracking-store.ts';
import type { TrackingKeys } from './keys.ts';
import {
  NUMBER_LENGTH,
  numberOfSortable,
  SORTABLE_NAN,
  sortableNumber,
  sortableText,
  sortableTime,
  TIME_LENGTH,
  textOfSortable,
  timeOfSortable,
} from './sort-key.ts';

/** Sort keys between two, both of them included; an absent end is open. */
export interface KeyRange {
  readonly low?: string;
  readonly high?: string;
}

/** How one kind of index lays out its sort keys: a value's prefix, then start time (the latest first) and run id. */
export interface IndexLayout {
  readonly pk: string;
  /** Whether values ascend with the sort keys; by time they descend. */
  readonly ascending: boolean;
  entryOf(sk: string): IndexEntry;
  /** What all entries of the value of a sort key begin with. */
  prefixOf(sk: string): string;
  /** Just behind an entry. */
  after(entry: IndexEntry): string;
  /** The prefix of an entry's value. */
  prefixOfEntry(entry: IndexEntry): string;
  rangeOf(range: IndexRange): KeyRange;
  /** Where the entries begin that come last whichever way values are walked. */
  readonly lastPrefix?: string;
}

/** Sorts behind every continuation of a prefix, which is a digit or a run id. */
export const BEHIND = '~';
/** Sorts before every continuation of a run id. */
const NEXT = '!';

type Bound = { readonly value: number | string; readonly inclusive: boolean };

/** Bounds of values that ascend with the sort keys. @param cut whether the value's prefix is other values' too. */
const ascendingRange = (
  { from, to }: IndexRange,
  prefixOf: (value: number | string) => { readonly prefix: string; readonly cut: boolean },
): KeyRange => {
  const low = ({ value, inclusive }: Bound): string => {
    const { prefix, cut } = prefixOf(value);
    return inclusive || cut ? prefix : prefix + BEHIND;
  };
  const high = ({ value, inclusive }: Bound): string => {
    const { prefix, cut } = prefixOf(value);
    return inclusive || cut ? prefix + BEHIND : prefix;
  };
  return { ...(from && { low: low(from) }), ...(to && { high: high(to) }) };
};

const numberLayout = (pk: string): IndexLayout => ({
  pk,
  ascending: true,
  lastPrefix: SORTABLE_NAN,
  prefixOf: (sk) => sk.slice(0, NUMBER_LENGTH),
  entryOf: (sk) => ({
    value: numberOfSortable(sk),
    startTimeMs: timeOfSortable(sk.slice(NUMBER_LENGTH)),
    runId: sk.slice(NUMBER_LENGTH + TIME_LENGTH),
  }),
  prefixOfEntry: ({ value }) => sortableNumber(Number(value)),
  after: ({ value, startTimeMs, runId }) => sortableNumber(Number(value)) + sortableTime(startTimeMs) + runId + NEXT,
  rangeOf: (range) => ascendingRange(range, (value) => ({ prefix: sortableNumber(Number(value)), cut: false })),
});

const textLayout = (pk: string): IndexLayout => ({
  pk,
  ascending: true,
  prefixOf: (sk) => sk.slice(0, textOfSortable(sk).length),
  entryOf: (sk) => {
    const { text, length } = textOfSortable(sk);
    return { value: text, startTimeMs: timeOfSortable(sk.slice(length)), runId: sk.slice(length + TIME_LENGTH) };
  },
  prefixOfEntry: ({ value }) => sortableText(String(value)).sortable,
  after: ({ value, startTimeMs, runId }) =>
    sortableText(String(value)).sortable + sortableTime(startTimeMs) + runId + NEXT,
  rangeOf: (range) =>
    ascendingRange(range, (value) => {
      const { sortable, cut } = sortableText(String(value));
      return { prefix: sortable, cut };
    }),
});

/** Start times are whole, so a bound between two of them is the next one, included. */
const wholeBound = ({ value, inclusive }: Bound, round: (value: number) => number): Bound => {
  const rounded = round(Number(value));
  return { value: rounded, inclusive: inclusive || rounded !== value };
};

const timeLayout = (pk: string): IndexLayout => ({
  pk,
  ascending: false,
  prefixOf: (sk) => sk.slice(0, TIME_LENGTH),
  entryOf: (sk) => {
    const startTimeMs = timeOfSortable(sk);
    return { value: startTimeMs, startTimeMs, runId: sk.slice(TIME_LENGTH) };
  },
  prefixOfEntry: ({ startTimeMs }) => sortableTime(startTimeMs),
  after: ({ startTimeMs, runId }) => sortableTime(startTimeMs) + runId + NEXT,
  rangeOf: ({ from, to }) =>
    ascendingRange(
      {
        ...(to && { from: wholeBound(to, Math.floor) }),
        ...(from && { to: wholeBound(from, Math.ceil) }),
      },
      (value) => ({ prefix: sortableTime(Number(value)), cut: false }),
    ),
});

export const layoutOf = (keys: TrackingKeys, experimentId: string, { kind, key }: Field): IndexLayout => {
  if (kind === 'metric') return numberLayout(keys.indexPartition(experimentId, 'm', key));
  if (kind === 'param') return textLayout(keys.indexPartition(experimentId, 'p', key));
  if (kind === 'tag') return textLayout(keys.indexPartition(experimentId, 'g', key));
  assert(kind === 'attribute' && key === 'start_time', `no index of ${kind} ${key} is kept`);
  return timeLayout(keys.indexPartition(experimentId, 't', ''));
};
