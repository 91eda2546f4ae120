import { COVERS_FILE, CoversSchema } from '../../contracts/explanation.ts';
import { parseJsonFile } from '../../contracts/json-file.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import type { ArtifactStore } from '../../ports/artifact-store.ts';

/** Training rows by node of the model under a prefix; undefined where its trainer counted none. */
export const readStoredCovers = async (
  artifacts: Pick<ArtifactStore, 'get'>,
  prefix: string,
): Promise<readonly number[] | undefined> => {
  const file = `${prefix}${COVERS_FILE}`;
  try {
    return parseJsonFile(CoversSchema, await artifacts.get(file), file).covers;
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
};
