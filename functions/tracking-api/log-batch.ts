import { applyLogBatch, type LogBatch } from '../../shared/core/tracking/index.ts';
import type { WorkspacePorts } from './deps.ts';

/**
 * Logs a prepared batch to a run; points that name a logged model go to that model too. Nothing is stored
 * for a model that does not exist; what the run refuses reaches no model. Whoever dies in between logs the same again.
 * @throws NotFoundError for an unknown run or logged model, InvalidRequestError as `applyLogBatch`.
 */
export const logBatch = async (
  { tracking, loggedModels }: WorkspacePorts,
  runId: string,
  batch: LogBatch,
): Promise<void> => {
  const metricsOnly = batch.params.length === 0 && batch.tags.length === 0;
  const ofModels = batch.metrics.filter(({ modelId }) => modelId !== undefined);
  for (const modelId of new Set(ofModels.map((point) => point.modelId ?? ''))) await loggedModels.get(modelId);
  await tracking.changeRun(runId, (run) => applyLogBatch(run, batch), { metricsOnly });
  if (ofModels.length > 0) await loggedModels.recordMetrics(ofModels, runId);
};
