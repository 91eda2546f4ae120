import type { IndexEntry, RunIndex } from '../../../ports/tracking-store.ts';
import { queryItems } from '../table.ts';
import { BEHIND, type IndexLayout, type KeyRange, layoutOf } from './index-layout.ts';
import type { TrackingContext } from './tracking-context.ts';

/**
 * Walks of an index in either direction. Entries of one value always come by start time descending, then run id: against
 * the order of the sort keys that is group after group, each turned round.
 */

type WalkRequest = Parameters<RunIndex['walk']>[0];

/** A stretch of the walk: along the sort keys, or against them group by group. */
interface Stretch extends KeyRange {
  readonly against: boolean;
}

const greater = (a: string | undefined, b: string): string => (a !== undefined && a > b ? a : b);

const stretchesOf = (layout: IndexLayout, { ascending, range, after }: WalkRequest): readonly Stretch[] => {
  const all = range === undefined ? {} : layout.rangeOf(range);
  const along = (keys: KeyRange): Stretch => ({ ...keys, against: false });
  if (ascending === layout.ascending) {
    return [along(after === undefined ? all : { ...all, low: layout.after(after) })];
  }
  const { lastPrefix } = layout;
  const lastIncluded = lastPrefix !== undefined && (all.high === undefined || all.high > lastPrefix);
  const last = lastIncluded ? [along({ ...all, low: greater(all.low, lastPrefix) })] : [];
  const against: Stretch = { ...all, ...(lastIncluded ? { high: lastPrefix } : {}), against: true };
  if (after === undefined) return [against, ...last];
  const prefix = layout.prefixOfEntry(after);
  if (prefix === lastPrefix) return [along({ ...all, low: layout.after(after) })];
  return [along({ low: layout.after(after), high: prefix + BEHIND }), { ...against, high: prefix }, ...last];
};

const isEmpty = ({ low, high }: KeyRange): boolean => low !== undefined && high !== undefined && low > high;

/** A key condition and its values. */
const conditionOf = ({ low, high }: KeyRange) => {
  const values = { ...(low && { ':low': { S: low } }), ...(high && { ':high': { S: high } }) };
  if (low !== undefined && high !== undefined) return { condition: ' AND sk BETWEEN :low AND :high', values };
  if (low !== undefined) return { condition: ' AND sk >= :low', values };
  return { condition: high === undefined ? '' : ' AND sk <= :high', values };
};

const readKeys = async (
  { client, table }: TrackingContext,
  layout: IndexLayout,
  keys: KeyRange,
  read: { readonly forward: boolean; readonly limit: number },
): Promise<{ readonly sortKeys: readonly string[]; readonly hasMore: boolean }> => {
  if (isEmpty(keys)) return { sortKeys: [], hasMore: false };
  const { condition, values } = conditionOf(keys);
  const { items, hasMore } = await queryItems(
    client,
    {
      TableName: table,
      KeyConditionExpression: `pk = :pk${condition}`,
      ExpressionAttributeValues: { ':pk': { S: layout.pk }, ...values },
      ProjectionExpression: 'sk',
      ScanIndexForward: read.forward,
      ConsistentRead: true,
    },
    read.limit,
  );
  return { sortKeys: items.map(({ sk }) => sk?.S ?? ''), hasMore };
};

/** Neighbours of one value together. */
const groupsOf = (layout: IndexLayout, sortKeys: readonly string[]): readonly (readonly string[])[] => {
  const groups: string[][] = [];
  let prefix: string | undefined;
  for (const sk of sortKeys) {
    if (prefix === undefined || !sk.startsWith(prefix)) {
      prefix = layout.prefixOf(sk);
      groups.push([]);
    }
    groups.at(-1)?.push(sk);
  }
  return groups;
};

/**
 * At least as many as wanted, where there are. The last group of a page may be cut off, at its end that comes first: it
 * is read anew from there, unless the one entry that is read beyond those wanted was all of it.
 */
const readAgainst = async (
  context: TrackingContext,
  layout: IndexLayout,
  keys: KeyRange,
  wanted: number,
): Promise<readonly string[]> => {
  const found: string[] = [];
  let { high } = keys;
  while (found.length < wanted) {
    const range = { ...keys, ...(high === undefined ? {} : { high }) };
    const limit = wanted - found.length + 1;
    const { sortKeys, hasMore } = await readKeys(context, layout, range, { forward: false, limit });
    const groups = groupsOf(layout, sortKeys);
    for (const group of hasMore ? groups.slice(0, -1) : groups) found.push(...group.toReversed());
    const cutOff = hasMore ? groups.at(-1)?.[0] : undefined;
    if (cutOff === undefined || found.length >= wanted) break;
    const prefix = layout.prefixOf(cutOff);
    const group = { low: prefix, high: prefix + BEHIND };
    const whole = await readKeys(context, layout, group, { forward: true, limit: wanted - found.length });
    found.push(...whole.sortKeys);
    high = prefix;
  }
  return found;
};

export const walkIndex = async (
  context: TrackingContext,
  request: WalkRequest,
): Promise<{ readonly entries: readonly IndexEntry[]; readonly hasMore: boolean }> => {
  const layout = layoutOf(context.keys, request.experimentId, request.field);
  const wanted = request.limit + 1;
  const found: string[] = [];
  for (const stretch of stretchesOf(layout, request)) {
    const limit = wanted - found.length;
    if (limit <= 0) break;
    const sortKeys = stretch.against
      ? await readAgainst(context, layout, stretch, limit)
      : (await readKeys(context, layout, stretch, { forward: true, limit })).sortKeys;
    found.push(...sortKeys);
  }
  return { entries: found.slice(0, request.limit).map(layout.entryOf), hasMore: found.length > request.limit };
};
