import type { Run } from '../../shared/core/tracking/index.ts';
import { NotFoundError } from '../../shared/kernel/errors.ts';
import type { TrackingStore } from '../../shared/ports/tracking-store.ts';

/** The run without its datasets' schemas and profiles, in one read. @throws NotFoundError */
export const knownRun = async (tracking: Pick<TrackingStore, 'index'>, runId: string): Promise<Run> => {
  const [run] = await tracking.index.readRuns([runId]);
  if (run === undefined) throw new NotFoundError(`Run with id=${runId} not found`);
  return run;
};
