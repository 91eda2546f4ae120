import { EVALUATION_FILE } from '../../shared/contracts/artifacts.ts';
import { REPORT_FILE, REPORT_PAGE_FILE } from '../../shared/contracts/evaluation.ts';
import { PERFORMANCE_REFERENCE_FILE } from '../../shared/contracts/monitoring-keys.ts';
import { NotFoundError } from '../../shared/kernel/errors.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';

type File = readonly [file: string, bytes: Uint8Array];

/** What the run's evaluation wrote: its verdict, and what a person approves from and the version is held to, unless an earlier release evaluated. */
export const evaluationFiles = async (artifacts: Pick<ArtifactStore, 'get'>, run: string): Promise<readonly File[]> => {
  const read = async (file: string): Promise<File> => [file, await artifacts.get(`${run}${file}`)];
  const verdict = await read(EVALUATION_FILE);
  const written = async (files: readonly string[]): Promise<readonly File[]> => {
    try {
      return await Promise.all(files.map(read));
    } catch (error) {
      if (error instanceof NotFoundError) return [];
      throw error;
    }
  };
  const pages = await written([REPORT_FILE, REPORT_PAGE_FILE]);
  return [verdict, ...pages, ...(await written([PERFORMANCE_REFERENCE_FILE]))];
};
