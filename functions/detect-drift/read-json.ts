import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';

/** A file that the platform itself wrote. */
export const readJson = async (store: ArtifactStore, key: string): Promise<unknown> =>
  JSON.parse(new TextDecoder().decode(await store.get(key)));
