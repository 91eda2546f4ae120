/**
 * Runs that an index cannot tell apart by their value alone: an entry holds at most the first 600 bytes of a text, in
 * whole characters. Two long texts may even stand in the wrong order there, where only one's next character fits. All
 * that share their first 597 bytes stand together, though, and after all those whose first 597 bytes are less: the last
 * character that fits begins no earlier. So a search compares long texts by the runs themselves, within such a group.
 */
const SHARED_BYTES = 597;
const BOUND_BYTES = 596;
const MAX_BYTES_PER_UNIT = 3;

const encoder = new TextEncoder();

/** The same for values of one group, whether it is made of the entry's value or of the run's. NaN is a group. */
export const valueGroup = (value: number | string): number | string => {
  if (typeof value === 'number' || value.length * MAX_BYTES_PER_UNIT <= SHARED_BYTES) return value;
  const bytes = encoder.encode(value);
  // No text of a group of its own is that long, so the two never meet.
  return bytes.length <= SHARED_BYTES ? value : `\0${String.fromCharCode(...bytes.subarray(0, SHARED_BYTES))}`;
};

/** True when an entry holds the value whole, so that entries of this value are in their runs' order. */
export const isIndexedWhole = (value: number | string): boolean => valueGroup(value) === value || Number.isNaN(value);

/** A value that stands no later than the group's first entry. */
export const groupBound = (value: number | string, ascending: boolean): number | string => {
  if (typeof value === 'number' || isIndexedWhole(value)) return value;
  let prefix = '';
  let byteCount = 0;
  for (const character of value) {
    byteCount += encoder.encode(character).length;
    if (byteCount > BOUND_BYTES) break;
    prefix += character;
  }
  return ascending ? prefix : `${prefix}\u{10ffff}`;
};
