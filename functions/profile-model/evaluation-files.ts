import { EVALUATION_FILE } from '../../shared/contracts/artifacts.ts';
import { REPORT_FILE, REPORT_PAGE_FILE } from '../../shared/contracts/evaluation.ts';
import { NotFoundError } from '../../shared/kernel/errors.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';

type File = readonly [file: string, bytes: Uint8Array];

/** What the run's evaluation wrote: its verdict, and what a person approves from, unless an earlier release evaluated. */
export const evaluationFiles = async (artifacts: Pick<ArtifactStore, 'get'>, run: string): Promise<readonly File[]> => {
  const read = async (file: string): Promise<File> => [file, await artifacts.get(`${run}${file}`)];
  const verdict = await read(EVALUATION_FILE);
  try {
    return [verdict, ...(await Promise.all([REPORT_FILE, REPORT_PAGE_FILE].map(read)))];
  } catch (error) {
    if (error instanceof NotFoundError) return [verdict];
    throw error;
  }
};
