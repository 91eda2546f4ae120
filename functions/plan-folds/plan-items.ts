import type { FoldHours, FoldItem } from '../../shared/contracts/drift-workflow.ts';
import type { PendingHour } from './pending-hours.ts';

/** Of stored bytes, which are gzip: some ten times as many of lines, a minute or two of folding. */
const ITEM_BYTES = 32 * 1024 * 1024;

const byDay = (hours: readonly PendingHour[]): FoldHours[] => {
  const days = new Map<string, string[]>();
  for (const { day, hour } of hours) days.set(day, [...(days.get(day) ?? []), hour]);
  return [...days].map(([day, ofDay]) => ({ day, hours: ofDay }));
};

/**
 * Divides hours among invocations, 32 MB each or one hour that is larger. Whatever an invocation folded stays folded when
 * it ends early, and its repeat goes on from there: an hour of any size is done in a few tries.
 */
export const planItems = (hours: readonly PendingHour[], itemBytes = ITEM_BYTES): readonly FoldItem[] => {
  const items: PendingHour[][] = [];
  let room = 0;
  for (const hour of hours) {
    if (items.length === 0 || hour.sizeBytes > room) {
      items.push([]);
      room = itemBytes;
    }
    items.at(-1)?.push(hour);
    room -= hour.sizeBytes;
  }
  return items.map((item) => ({ days: byDay(item) }));
};
