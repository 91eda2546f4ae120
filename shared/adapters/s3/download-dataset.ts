import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArtifactStore } from '../../ports/artifact-store.ts';

const PARALLEL_DOWNLOADS = 8;

/**
 * Brings the snapshot's objects to disk, each only if it is still the one that was written down. It has ended when nothing
 * is written any more, also when it fails: whoever gave the folder removes it then.
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
  const failures: unknown[] = [];
  const download = async (): Promise<void> => {
    for (const [index, { key, etag }] of queue) {
      if (failures.length > 0) return;
      try {
        await writeFile(files[index] ?? '', await data.get(key, etag));
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: PARALLEL_DOWNLOADS }, download));
  if (failures.length > 0) throw failures[0];
  return files;
};
