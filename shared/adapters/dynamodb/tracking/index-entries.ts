import type { TextByKey } from '../../../core/tracking/index.ts';
import type { Key } from '../keys.ts';
import type { TrackingKeys } from './keys.ts';
import type { RunDocument } from './run-document.ts';
import { sortableNumber, sortableText, sortableTime } from './sort-key.ts';

/** The entries of a run in the ordered indexes, and how they change with it. */

export interface IndexChange {
  readonly put: readonly Key[];
  readonly delete: readonly Key[];
}

export const NO_CHANGE: IndexChange = { put: [], delete: [] };
export const countOf = ({ put, delete: deleted }: IndexChange): number => put.length + deleted.length;
export const joinChanges = (changes: readonly IndexChange[]): IndexChange => ({
  put: changes.flatMap(({ put }) => put),
  delete: changes.flatMap((change) => change.delete),
});

/** What entries of a run have in common. */
export interface EntryOwner {
  readonly keys: TrackingKeys;
  readonly experimentId: string;
  readonly startTimeMs: number;
  readonly runId: string;
}

export const ownerOf = (keys: TrackingKeys, { info }: RunDocument): EntryOwner => ({ keys, ...info });

const tail = ({ startTimeMs, runId }: EntryOwner): string => `${sortableTime(startTimeMs)}${runId}`;
const metricEntry = (owner: EntryOwner, key: string, value: number): Key => ({
  pk: owner.keys.indexPartition(owner.experimentId, 'm', key),
  sk: `${sortableNumber(value)}${tail(owner)}`,
});
const textEntry = (owner: EntryOwner, kind: 'p' | 'g', key: string, value: string): Key => ({
  pk: owner.keys.indexPartition(owner.experimentId, kind, key),
  sk: `${sortableText(value).sortable}${tail(owner)}`,
});

const PARENT_TAG = 'mlflow.parentRunId';
const SYSTEM_TAGS = 'mlflow.';

/** MLflow's own tags say little about a run (its user, its source): only the parent is ever looked for. */
export const isIndexedTag = (key: string): boolean => key === PARENT_TAG || !key.startsWith(SYSTEM_TAGS);

/** Values by key; a key that has none is absent. */
type Values<T> = Readonly<Record<string, T>>;
const ownValue = <T>(values: Values<T>, key: string): T | undefined =>
  Object.hasOwn(values, key) ? values[key] : undefined;

const changeOf = <T>(
  before: T | undefined,
  after: T | undefined,
  entryOf: (value: T) => Key,
): IndexChange | undefined => {
  if (before === after || Object.is(before, after)) return undefined;
  const [former, next] = [before, after].map((value) => (value === undefined ? undefined : entryOf(value)));
  // Texts that differ only beyond what the entry holds have the same one.
  if (former?.sk === next?.sk) return undefined;
  return { put: next === undefined ? [] : [next], delete: former === undefined ? [] : [former] };
};

export const metricChanges = (owner: EntryOwner, before: Values<number>, after: Values<number>): IndexChange => {
  const changes: IndexChange[] = [];
  const add = (key: string): void => {
    const change = changeOf(ownValue(before, key), ownValue(after, key), (value) => metricEntry(owner, key, value));
    if (change !== undefined) changes.push(change);
  };
  for (const key of Object.keys(after)) add(key);
  for (const key of Object.keys(before)) if (!Object.hasOwn(after, key)) add(key);
  return joinChanges(changes);
};

/** One key of params or tags with another value, and what becomes of its entry. */
interface TextChange {
  readonly part: 'params' | 'tags';
  readonly key: string;
  /** Undefined when it is deleted. */
  readonly value: string | undefined;
  readonly entries: IndexChange;
}

const changesOfPart = (
  owner: EntryOwner,
  part: 'params' | 'tags',
  before: TextByKey,
  after: TextByKey,
): readonly TextChange[] => {
  if (before === after) return [];
  const kind = part === 'params' ? 'p' : 'g';
  const changes: TextChange[] = [];
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (part === 'tags' && !isIndexedTag(key)) continue;
    const value = ownValue(after, key);
    const entries = changeOf(ownValue(before, key), value, (text) => textEntry(owner, kind, key, text));
    if (entries !== undefined) changes.push({ part, key, value, entries });
  }
  return changes;
};

/** Params and indexed tags whose entries change. */
export const textChanges = (
  owner: EntryOwner,
  before: Pick<RunDocument, 'params' | 'tags'>,
  after: Pick<RunDocument, 'params' | 'tags'>,
): readonly TextChange[] => [
  ...changesOfPart(owner, 'params', before.params, after.params),
  ...changesOfPart(owner, 'tags', before.tags, after.tags),
];
