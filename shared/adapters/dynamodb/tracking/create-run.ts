import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { Experiment, Run } from '../../../core/tracking/index.ts';
import { AlreadyExistsError, InvalidRequestError } from '../../../kernel/errors.ts';
import type { TrackingStore } from '../../../ports/tracking-store.ts';
import { toItem } from '../attribute-value.ts';
import { CONTENDED, retryWhileContended } from '../contention.ts';
import { batchPutItems, transact } from '../table.ts';
import type { ActiveExperiments } from './active-experiments.ts';
import { storeDatasets } from './dataset-inputs.ts';
import { experimentItems } from './experiment-items.ts';
import { joinChanges, metricChanges, ownerOf, textChanges } from './index-entries.ts';
import { metricsWithin, type StoredRun } from './run-cache.ts';
import type { MetricsDocument } from './run-document.ts';
import { runDocumentOf, valuesOf } from './run-plan.ts';
import { headerItem, putItem, putRunDocument, readStoredRuns } from './stored-run.ts';
import type { TrackingContext } from './tracking-context.ts';

/**
 * Creating a run in an experiment that must be active: one transaction, refused while the experiment's gates are closed.
 * So an experiment that this process has seen active once is not read again.
 */

const MAX_ENTRIES = 80;

interface Experiments {
  readonly getExperiment: TrackingStore['getExperiment'];
  readonly active: ActiveExperiments;
}

export const createRun =
  (context: TrackingContext, { getExperiment, active }: Experiments): TrackingStore['createRun'] =>
  async (run) => {
    const { experimentId, runId } = run.info;
    const { openAction } = experimentItems(context);
    const requireActiveExperiment = async (): Promise<void> => requireActive(await getExperiment(experimentId));
    if (active.get(experimentId) === undefined) await requireActiveExperiment();
    const { actions, stored } = await prepareRun(context, run);
    await retryWhileContended(
      `creating run ${runId}`,
      context.deadlineMs,
      async () => {
        const outcome = await transact(context.client, [...actions, openAction(experimentId)]);
        if (outcome.outcome === 'contended') return CONTENDED;
        if (outcome.outcome === 'written') {
          context.cache.set(runId, stored);
          return undefined;
        }
        if (outcome.refusals[0]?.refused) return requireSame(context, run);
        await requireActiveExperiment();
        // Restored since.
        return CONTENDED;
      },
      context.pacing,
    );
  };

const requireActive = ({ experimentId, lifecycleStage }: Experiment): void => {
  if (lifecycleStage === 'active') return;
  throw new InvalidRequestError(
    `The experiment ${experimentId} must be in the 'active' state. Current state is ${lifecycleStage}.`,
  );
};

interface PreparedRun {
  /** The first is refused when the run exists. */
  readonly actions: readonly TransactWriteItem[];
  readonly stored: StoredRun;
}

/** Writes what may stand without the run, and tells what makes the run. */
const prepareRun = async (context: TrackingContext, run: Run): Promise<PreparedRun> => {
  const { table, keys } = context;
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
  const { action, stored } = await putRunDocument(context, document, metrics);
  const others = [headerItem(context, document), ...(ahead ? [] : entries)];
  return {
    actions: [action, ...others.map((item) => putItem(table, item))],
    stored: { run: stored, metrics: metricsWithin(metrics) },
  };
};

/** The run exists: written by this same call before, or another's. */
const requireSame = async (context: TrackingContext, { info }: Run): Promise<void> => {
  const standing = (await readStoredRuns(context, [info.runId])).get(info.runId)?.run.document.info;
  const same = (['experimentId', 'startTimeMs', 'userId'] as const).every((field) => standing?.[field] === info[field]);
  if (!same) throw new AlreadyExistsError(`run ${info.runId} exists already`);
};
