import type { Run } from '../../../core/tracking/index.ts';
import { assert } from '../../../kernel/assert.ts';
import type { RunChange } from '../../../ports/tracking-store.ts';
import { CONTENDED, retryWhileContended } from '../contention.ts';
import { chunksOf, type HistoryChunk } from './history-chunk.ts';
import { coolOthers, coolRun, hotItem, isTerminal } from './hot-runs.ts';
import { countOf, ownerOf } from './index-entries.ts';
import { chunkActions } from './metric-history.ts';
import type { StoredRun } from './run-cache.ts';
import { commitRun } from './run-commit.ts';
import { type RunDocument, runOfDocuments } from './run-document.ts';
import { assertSameRun, type MetricsPlan, nextRunStep, planMetrics, runDocumentOf } from './run-plan.ts';
import { putItem, readStoredRun, withCurrentMetrics } from './stored-run.ts';
import type { TrackingContext } from './tracking-context.ts';

/** Changes of a run, each in one transaction but for those of hundreds of params and tags. */

/** Of DynamoDB's 100. */
const MAX_ACTIONS = 90;
/** Documents and the header. */
const DOCUMENT_ACTIONS = 3;
/** Each takes 80 params or tags and more. */
const MAX_STEPS = 100;

type ChangedRun = Omit<Run, 'datasetInputs'>;
type Change = (run: ChangedRun) => RunChange;

interface Plan {
  readonly stored: StoredRun;
  readonly target: RunDocument;
  readonly targetChanged: boolean;
  readonly metrics: MetricsPlan;
  readonly chunks: readonly HistoryChunk[];
}

const planChange = (context: TrackingContext, stored: StoredRun, { run, points = [] }: RunChange): Plan => {
  const former = stored.run.document;
  assertSameRun(former, run);
  const target = runDocumentOf(run, former.datasets);
  const chunks = chunksOf(points);
  const owner = ownerOf(context.keys, former);
  const nowMs = context.clock.nowMs();
  const { sizeBytes: runBytes } = stored.run;
  const metrics = planMetrics(owner, stored.metrics.document, run, chunks, { nowMs, runBytes });
  const targetChanged = !sameDocument(former, target);
  return { stored, target, targetChanged, metrics, chunks };
};

/** Parts that a change left alone are the same objects, so that comparing costs little. */
const sameDocument = (before: RunDocument, after: RunDocument): boolean =>
  (['info', 'params', 'tags', 'modelInputs', 'modelOutputs'] as const).every(
    (part) => before[part] === after[part] || JSON.stringify(before[part]) === JSON.stringify(after[part]),
  );

/** @returns what stands now, or undefined when somebody came between. */
const write = async (
  context: TrackingContext,
  { stored, target, targetChanged, metrics, chunks }: Plan,
): Promise<StoredRun | undefined> => {
  const { keys, table } = context;
  const { experimentId, runId } = target.info;
  const owner = ownerOf(keys, target);
  const { document, entries, becomesHot } = metrics;
  const hotActions =
    becomesHot && document?.hot ? [putItem(table, hotItem(keys.hot(experimentId, document.hot.sinceMs, runId)))] : [];
  const more = [...hotActions, ...(await chunkActions(context, runId, chunks))];
  const lastCapacity = MAX_ACTIONS - DOCUMENT_ACTIONS - countOf(entries) - more.length;
  let now = stored;
  for (let steps = 0; targetChanged && steps < MAX_STEPS; steps += 1) {
    const step = nextRunStep(owner, now.run.document, target, { capacity: MAX_ACTIONS - 1, lastCapacity });
    const put = [...entries.put, ...step.entries.put];
    const all = { put, delete: [...entries.delete, ...step.entries.delete] };
    if (step.last) {
      return commitRun(context, now, { run: target, ...(document && { metrics: document }), entries: all, more });
    }
    const next = await commitRun(context, now, { run: step.document, entries: step.entries });
    if (next === undefined) return undefined;
    now = next;
  }
  assert(!targetChanged, `a change of run ${runId} takes more than ${MAX_STEPS} transactions`);
  if (document === undefined) return now;
  return commitRun(context, now, { metrics: document, entries, more });
};

type Attempted = { readonly now: StoredRun; readonly plan: Plan } | typeof CONTENDED;

/** Decides by what is read now. */
const attempt = async (context: TrackingContext, runId: string, change: Change): Promise<Attempted> => {
  const stored = await readStoredRun(context, runId);
  const [run, metrics] = [stored.run.document, stored.metrics.document];
  // The documents were read one after the other, and the run was deleted or restored in between.
  if (run.info.lifecycleStage !== metrics.lifecycleStage) return CONTENDED;
  const plan = planChange(context, stored, change(runOfDocuments(run, metrics)));
  const now = await write(context, plan);
  return now === undefined ? CONTENDED : { now, plan };
};

/** Decides by what is cached of the run. @returns undefined when that was not enough, which says nothing of others. */
const attemptByCache = async (
  context: TrackingContext,
  runId: string,
  change: Change,
): Promise<Attempted | undefined> => {
  const cached = context.cache.get(runId);
  if (cached === undefined) return undefined;
  let plan: Plan;
  let read: boolean;
  try {
    const known = await withCurrentMetrics(context, runId, cached);
    if (known === undefined) return undefined;
    read = known.read;
    const [run, metrics] = [known.stored.run.document, known.stored.metrics.document];
    if (run.info.lifecycleStage !== metrics.lifecycleStage) return undefined;
    plan = planChange(context, known.stored, change(runOfDocuments(run, metrics)));
  } catch {
    // Whether it is right to refuse is told by what stands.
    return undefined;
  }
  // No condition but the revision of the metrics' item is sure to be part of this write: without it, what was cached
  // would stand unverified.
  if (plan.metrics.document === undefined) return undefined;
  const now = await write(context, plan);
  if (!read) context.cache.learn(now !== undefined);
  if (now !== undefined) return { now, plan };
  return read ? CONTENDED : undefined;
};

/** @param metricsOnly whether `change` looks at nothing but metrics and whether the run is active. */
export const changeRun = async (
  context: TrackingContext,
  runId: string,
  change: Change,
  metricsOnly = false,
): Promise<ChangedRun> => {
  const tryOnce = async () =>
    (metricsOnly ? await attemptByCache(context, runId, change) : undefined) ?? attempt(context, runId, change);
  const { now, plan } = await retryWhileContended(`changing run ${runId}`, context.deadlineMs, tryOnce, context.pacing);
  const { info } = now.run.document;
  if (plan.metrics.becomesHot) await coolOthers(context, info.experimentId, runId);
  const ended = isTerminal(info.status) && plan.chunks.length === 0;
  if (ended && now.metrics.document.hot !== undefined) await coolRun(context, runId, now);
  return runOfDocuments(now.run.document, now.metrics.document);
};
