import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArtifactStore } from '../../ports/artifact-store.ts';

const PARALLEL_DOWNLOADS = 8;

/**
 * Brings the snapshot's objects to disk, each only if it is still the one that was written down.
 * @returns the files in the order of the snapshot.
 * @throws ConflictError when an object changed since.
 */
export const downloadDataset = async (
  data: Pick<ArtifactStore, 'get'>,
  objects: readonly { readonly key: string; readonly etag: string }[],
  folder: string,
): Promise<readonly string[]> => {
  const files = objects.map((_, index) => join(folder, `dataset-${index}.parquet`));
  const queue = objects.entries();
  const download = async (): Promise<void> => {
    for (const [index, { key, etag }] of queue) await writeFile(files[index] ?? '', await data.get(key, etag));
  };
  await Promise.all(Array.from({ length: PARALLEL_DOWNLOADS }, download));
  return files;
};
