import type { MetricPoint, Run } from '../../../core/tracking/index.ts';
import { assert } from '../../../kernel/assert.ts';
import type { HistoryChunk } from './history-chunk.ts';
import {
  countOf,
  type EntryOwner,
  type IndexChange,
  joinChanges,
  metricChanges,
  NO_CHANGE,
  textChanges,
} from './index-entries.ts';
import type { Metrics, MetricsDocument, RunDocument } from './run-document.ts';

/** What a change of a run writes, decided without reading or writing. */

/** A cold run's entries move with each of its metrics; from this many writes on it is hot, and they wait. */
const HOT_WRITES = 10;
/** So many entries to put or delete make a run hot at once. */
const HOT_ENTRIES = 40;
/** Of the run's document, packed: a larger one makes a run hot at once, since a cold run's is written with each metric. */
const HOT_BYTES = 4_096;

export const valuesOf = (metrics: Metrics): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(metrics).map(([key, { value }]) => [key, value]));

const samePoint = (a: MetricPoint | undefined, b: MetricPoint): boolean =>
  a === b ||
  (a !== undefined &&
    Object.is(a.value, b.value) &&
    a.timestampMs === b.timestampMs &&
    a.step === b.step &&
    a.modelId === b.modelId &&
    a.datasetName === b.datasetName &&
    a.datasetDigest === b.datasetDigest);

const sameMetrics = (before: Metrics, after: Metrics): boolean => {
  if (before === after) return true;
  const points = Object.values(after);
  return (
    points.length === Object.keys(before).length &&
    points.every((point) => Object.hasOwn(before, point.key) && samePoint(before[point.key], point))
  );
};

export interface MetricsPlan {
  /** Absent when nothing changes. */
  readonly document?: MetricsDocument;
  readonly entries: IndexChange;
  readonly becomesHot: boolean;
}

/** Points are always written with the document, even when none is the latest: its revision says that the run is active. */
export const planMetrics = (
  owner: EntryOwner,
  before: MetricsDocument,
  target: Pick<Run, 'info' | 'metrics'>,
  chunks: readonly HistoryChunk[],
  { nowMs, runBytes }: { readonly nowMs: number; readonly runBytes: number },
): MetricsPlan => {
  const { lifecycleStage } = target.info;
  const metricsStay = sameMetrics(before.metrics, target.metrics);
  if (metricsStay && chunks.length === 0 && before.lifecycleStage === lifecycleStage) {
    return { entries: NO_CHANGE, becomesHot: false };
  }
  const longestSpanMs = chunks.reduce((longest, { spanMs }) => Math.max(longest, spanMs), before.longestSpanMs);
  const longestStepSpan = chunks.reduce((longest, { stepSpan }) => Math.max(longest, stepSpan), before.longestStepSpan);
  const document = { ...before, lifecycleStage, metrics: target.metrics, longestSpanMs, longestStepSpan };
  if (before.hot !== undefined || (metricsStay && chunks.length === 0)) {
    return { document, entries: NO_CHANGE, becomesHot: false };
  }
  const writeCount = before.writeCount + 1;
  const indexed = valuesOf(before.metrics);
  const entries = metricChanges(owner, indexed, valuesOf(target.metrics));
  if (writeCount < HOT_WRITES && countOf(entries) <= HOT_ENTRIES && runBytes <= HOT_BYTES) {
    return { document: { ...document, writeCount }, entries, becomesHot: false };
  }
  return {
    document: { ...document, writeCount, hot: { sinceMs: nowMs, indexed } },
    entries: NO_CHANGE,
    becomesHot: true,
  };
};

interface RunStep {
  readonly document: RunDocument;
  readonly entries: IndexChange;
  readonly last: boolean;
}

/**
 * A document is written with the entries that it changes, in one transaction: an entry deleted later could be one that
 * another writer needs again. So more entries than `lastCapacity` come in steps: params and tags first, in transactions
 * of `capacity`, then the rest.
 */
export const nextRunStep = (
  owner: EntryOwner,
  before: RunDocument,
  target: RunDocument,
  { capacity, lastCapacity }: { readonly capacity: number; readonly lastCapacity: number },
): RunStep => {
  const changes = textChanges(owner, before, target);
  const entryCount = changes.reduce((count, { entries }) => count + countOf(entries), 0);
  if (entryCount <= lastCapacity) {
    return { document: target, entries: joinChanges(changes.map(({ entries }) => entries)), last: true };
  }
  const parts = { params: new Map(Object.entries(before.params)), tags: new Map(Object.entries(before.tags)) };
  const entries: IndexChange[] = [];
  let actionCount = 0;
  for (const change of changes) {
    actionCount += countOf(change.entries);
    if (actionCount > capacity) break;
    entries.push(change.entries);
    if (change.value === undefined) parts[change.part].delete(change.key);
    else parts[change.part].set(change.key, change.value);
  }
  const document = { ...before, params: Object.fromEntries(parts.params), tags: Object.fromEntries(parts.tags) };
  return { document, entries: joinChanges(entries), last: false };
};

export const runDocumentOf = (target: Omit<Run, 'datasetInputs'>, datasets: RunDocument['datasets']): RunDocument => {
  const { info, params, tags, modelInputs, modelOutputs } = target;
  return { info, params, tags, datasets, modelInputs, modelOutputs };
};

/** Entries have the start time in their keys, so it stays. */
export const assertSameRun = (before: RunDocument, target: Pick<Run, 'info'>): void => {
  const same = (['runId', 'experimentId', 'startTimeMs'] as const).every(
    (field) => before.info[field] === target.info[field],
  );
  assert(same, `a change of run ${before.info.runId} must keep its id, experiment and start time`);
};
