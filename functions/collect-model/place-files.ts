import { COVERS_FILE, CoversSchema } from '../../shared/contracts/explanation.ts';
import { parseJsonFile } from '../../shared/contracts/json-file.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';

/** A trainer of trees may count their training rows; its predictions are then explained by them. */
export const readCovers = async (artifacts: Pick<ArtifactStore, 'get'>, prefix: string): Promise<Uint8Array> => {
  const covers = await artifacts.get(`${prefix}${COVERS_FILE}`);
  parseJsonFile(CoversSchema, covers, COVERS_FILE);
  return covers;
};

/** Writes what there is of a phase's files at its own home. */
export const placeFiles = async (
  artifacts: Pick<ArtifactStore, 'put'>,
  home: string,
  files: Readonly<Record<string, Uint8Array | undefined>>,
): Promise<void> => {
  for (const [file, bytes] of Object.entries(files)) {
    if (bytes === undefined) continue;
    await artifacts.put(`${home}${file}`, bytes, file.endsWith('.json') ? 'application/json' : undefined);
  }
};
