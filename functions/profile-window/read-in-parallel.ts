import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';

/** Objects fetched side by side. */
const PARALLEL = 16;

/** Objects decoded, in their order; some are fetched at a time, and what they are decoded to is kept. */
export const readInParallel = async <T>(
  data: Pick<ArtifactStore, 'get'>,
  objects: readonly { readonly key: string; readonly etag: string }[],
  decode: (bytes: Uint8Array) => T,
): Promise<readonly T[]> => {
  const found: T[] = [];
  for (let start = 0; start < objects.length; start += PARALLEL) {
    const part = objects.slice(start, start + PARALLEL);
    found.push(...(await Promise.all(part.map(async ({ key }) => decode(await data.get(key))))));
  }
  return found;
};
