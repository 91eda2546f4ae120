import { submissionKey } from '../../shared/contracts/artifacts.ts';
import { parseJsonFile } from '../../shared/contracts/json-file.ts';
import { SubmissionSchema } from '../../shared/contracts/uploads.ts';
import { NotFoundError } from '../../shared/kernel/errors.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';

/** What is said of a version to come. */
export interface Notes {
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** Null for an upload of an operator's, who submits no such file. */
export const readNotes = async (
  artifacts: Pick<ArtifactStore, 'get'>,
  model: string,
  uploadId: string,
): Promise<Notes | null> => {
  const file = submissionKey(model, uploadId);
  try {
    const { description, tags } = parseJsonFile(SubmissionSchema, await artifacts.get(file), file);
    return { description, tags };
  } catch (error) {
    if (error instanceof NotFoundError) return null;
    throw error;
  }
};
