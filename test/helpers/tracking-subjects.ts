import { createMemoryTrackingStore } from '../../shared/adapters/memory/tracking-store.ts';
import type { TrackingStore } from '../../shared/ports/tracking-store.ts';
import type { TrackingTable } from './tracking-table.ts';

let workspaceCount = 0;
/** One that no other test has. */
export const newWorkspace = (): string => {
  workspaceCount += 1;
  return `workspace-${workspaceCount}`;
};

/** Empty stores, by where they keep what they have. */
export const trackingSubjects = (
  tableOf: () => TrackingTable,
): readonly (readonly [where: string, open: () => TrackingStore])[] => [
  ['memory', () => createMemoryTrackingStore()],
  ['the embedded DynamoDB', () => tableOf().open(newWorkspace())],
];
