import { scoringFailureKey } from '../../shared/contracts/batch-scoring.ts';
import { toJsonFile } from '../../shared/contracts/json-file.ts';
import type { ScoringPart } from '../../shared/core/batch-scoring/index.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';

/**
 * Leaves word of why a part failed, for whoever asks how the job stands: the workflow itself says only that a part did.
 * @throws the part's own error.
 */
export const notingFailure = async <T>(
  artifacts: Pick<ArtifactStore, 'put'>,
  { model, jobId, part }: { readonly model: string; readonly jobId: string; readonly part: ScoringPart },
  work: () => Promise<T>,
): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    const note = { part: part.part, input: part.key, error: name, cause: message };
    await artifacts.put(scoringFailureKey(model, jobId, part.part), toJsonFile(note), 'application/json');
    throw error;
  }
};
