import type { Run } from '../../../core/tracking/index.ts';
import { AlreadyExistsError, InvalidRequestError } from '../../../kernel/errors.ts';
import type { TrackingStore } from '../../../ports/tracking-store.ts';
import { toItem } from '../attribute-value.ts';
import { CONTENDED, retryWhileContended } from '../contention.ts';
import { batchPutItems, transact } from '../table.ts';
import { storeDatasets } from './dataset-inputs.ts';
import { joinChanges, metricChanges, ownerOf, textChanges } from './index-entries.ts';
import type { MetricsDocument } from './run-document.ts';
import { runDocumentOf, valuesOf } from './run-plan.ts';
import { changeRun } from './runs.ts';
import { headerItem, putItem, putMetricsDocument, putRunDocument, readStoredRuns } from './stored-run.ts';
import type { TrackingContext } from './tracking-context.ts';

/**
 * Creating a run in an experiment that must be active, without making the experiment's item what all creations of
 * an experiment contend for. A ConditionCheck would: it locks the item, so that creations of the same moment cancel each
 * other, and costs two write units of a partition key that takes 1,000 a second. So the experiment is read after
 * the run stands, for half a read unit of 3,000. Who deletes it marks it first and its runs after: either the marking
 * comes before that read, which sees it and deletes the run, or after, and then the run is among those listed.
 */

const MAX_ENTRIES = 80;
/** How long an experiment that was seen active is taken to be, before a run is written. */
const RECENT_MS = 2_000;

/** @param activeAtMs when experiments were seen active by this process, by elapsed time: saves the read before. */
export const createRun =
  (
    context: TrackingContext,
    getExperiment: TrackingStore['getExperiment'],
    activeAtMs: ReadonlyMap<string, number>,
  ): TrackingStore['createRun'] =>
  async (run) => {
    const { experimentId } = run.info;
    const requireActiveExperiment = async (): Promise<void> => {
      const { lifecycleStage } = await getExperiment(experimentId);
      if (lifecycleStage === 'active') return;
      throw new InvalidRequestError(
        `The experiment ${experimentId} must be in the 'active' state. Current state is ${lifecycleStage}.`,
      );
    };
    const seenAtMs = activeAtMs.get(experimentId);
    const recent = seenAtMs !== undefined && context.pacing.elapsedMs() - seenAtMs < RECENT_MS;
    if (!recent) await requireActiveExperiment();
    await writeRun(context, run);
    try {
      await requireActiveExperiment();
    } catch (error) {
      if (error instanceof InvalidRequestError) await deleteRun(context, run.info.runId);
      throw error;
    }
  };

const deleteRun = (context: TrackingContext, runId: string) =>
  changeRun(context, runId, (run) => ({ run: { ...run, info: { ...run.info, lifecycleStage: 'deleted' } } }));

const writeRun = async (context: TrackingContext, run: Run): Promise<void> => {
  const { table, client, keys } = context;
  const { runId } = run.info;
  const datasets = run.datasetInputs.length === 0 ? [] : await storeDatasets(context, runId, run.datasetInputs);
  const document = runDocumentOf(run, datasets);
  const metrics: MetricsDocument = {
    lifecycleStage: run.info.lifecycleStage,
    metrics: run.metrics,
    longestSpanMs: 0,
    longestStepSpan: 0,
    writeCount: 0,
  };
  const owner = ownerOf(keys, document);
  const entries = joinChanges([
    metricChanges(owner, {}, valuesOf(run.metrics)),
    ...textChanges(owner, { params: {}, tags: {} }, document).map((change) => change.entries),
  ]).put.map(toItem);
  const ahead = entries.length > MAX_ENTRIES;
  // Of a run that nobody knows yet: entries without it are no more than hints that lead nowhere.
  if (ahead) await batchPutItems(context, entries);
  const [runPut, metricsPut] = await Promise.all([
    putRunDocument(context, document),
    putMetricsDocument(context, runId, metrics),
  ]);
  const actions = [
    runPut.action,
    metricsPut.action,
    putItem(table, headerItem(context, document)),
    ...(ahead ? [] : entries.map((item) => putItem(table, item))),
  ];
  await retryWhileContended(
    `creating run ${runId}`,
    context.deadlineMs,
    async () => {
      const { outcome } = await transact(client, actions);
      if (outcome === 'contended') return CONTENDED;
      if (outcome === 'written') context.cache.set(runId, { run: runPut.stored, metrics: metricsPut.stored });
      else await requireSame(context, run);
      return undefined;
    },
    context.pacing,
  );
};

/** The run exists: written by this same call before, or another's. */
const requireSame = async (context: TrackingContext, { info }: Run): Promise<void> => {
  const standing = (await readStoredRuns(context, [info.runId])).get(info.runId)?.run.document.info;
  const same = (['experimentId', 'startTimeMs', 'userId'] as const).every((field) => standing?.[field] === info[field]);
  if (!same) throw new AlreadyExistsError(`run ${info.runId} exists already`);
};
