import type { ArtifactStore } from '../../ports/artifact-store.ts';
import type { ObjectRanges } from '../../ports/object-ranges.ts';

/** Pieces of the objects of a store in memory, for tests. */
export const createMemoryObjectRanges = (store: Pick<ArtifactStore, 'get'>): ObjectRanges => ({
  read: async ({ key, etag, fromByte, toByte }) => (await store.get(key, etag)).subarray(fromByte, toByte),
});
