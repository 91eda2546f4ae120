import { parseJsonFile, toJsonFile } from '../../shared/contracts/json-file.ts';
import { type ReplayReport, ReplayReportSchema } from '../../shared/contracts/replay.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';

export type Reports = Pick<ArtifactStore, 'get' | 'list' | 'putIfAbsent'>;

/** Looked for first: a role that may list one folder is not told of a key there that it is missing. */
export const readReport = async (artifacts: Reports, wanted: string): Promise<ReplayReport | undefined> => {
  const standing = (await artifacts.list(wanted)).some(({ key }) => key === wanted);
  return standing ? parseJsonFile(ReplayReportSchema, await artifacts.get(wanted), wanted) : undefined;
};

/** Writes a report once. @returns the one that stands */
export const keepReport = async (artifacts: Reports, key: string, report: ReplayReport): Promise<ReplayReport> => {
  const isFirst = await artifacts.putIfAbsent(key, toJsonFile(report), 'application/json');
  return isFirst ? report : ((await readReport(artifacts, key)) ?? report);
};
