import { parseJsonFile } from '../../shared/contracts/json-file.ts';
import { PERFORMANCE_REFERENCE_FILE } from '../../shared/contracts/monitoring-keys.ts';
import { PerformanceReferenceSchema } from '../../shared/contracts/performance-report.ts';
import type { PerformanceReference } from '../../shared/core/performance/index.ts';
import type { VersionFiles } from '../../shared/ports/version-files.ts';

/** What the version in service did on its hold-out; undefined for one that was not evaluated. */
export const readReference = async (
  files: Pick<VersionFiles, 'read'>,
  packaged: Parameters<VersionFiles['read']>[0],
): Promise<PerformanceReference | undefined> => {
  const bytes = await files.read(packaged, PERFORMANCE_REFERENCE_FILE);
  return bytes && parseJsonFile(PerformanceReferenceSchema, bytes, PERFORMANCE_REFERENCE_FILE);
};
