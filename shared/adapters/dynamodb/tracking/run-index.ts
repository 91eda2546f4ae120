import type { Run, RunInfo } from '../../../core/tracking/index.ts';
import type { RunIndex } from '../../../ports/tracking-store.ts';
import { queryItems } from '../table.ts';
import { readDatasets } from './dataset-inputs.ts';
import { listHotRuns } from './hot-runs.ts';
import { isIndexedTag } from './index-entries.ts';
import { layoutOf } from './index-layout.ts';
import { walkIndex } from './index-walk.ts';
import type { StoredRun } from './run-cache.ts';
import { runOfDocuments } from './run-document.ts';
import { readStoredRuns } from './stored-run.ts';
import type { TrackingContext } from './tracking-context.ts';

/** What searching reads, always consistently. */

/** Of a stored run, with or without what its datasets hold. */
export const readWholeRun = async (
  context: TrackingContext,
  { run, metrics }: StoredRun,
  withSchemas: boolean,
): Promise<Run> => {
  const { datasets, info } = run.document;
  return {
    ...runOfDocuments(run.document, metrics.document),
    datasetInputs: datasets.length === 0 ? [] : await readDatasets(context, info.runId, datasets, withSchemas),
  };
};

/** Every run of an experiment by start time descending, then run id. */
export const readHeaders =
  (context: TrackingContext): RunIndex['headers'] =>
  async ({ experimentId, after, limit }) => {
    const { pk, after: afterKey } = layoutOf(context.keys, experimentId, { kind: 'attribute', key: 'start_time' });
    const { items } = await queryItems(
      context.client,
      {
        TableName: context.table,
        KeyConditionExpression: after === undefined ? 'pk = :pk' : 'pk = :pk AND sk > :after',
        ExpressionAttributeValues: {
          ':pk': { S: pk },
          ...(after === undefined ? {} : { ':after': { S: afterKey(after) } }),
        },
        ProjectionExpression: 'info',
        ConsistentRead: true,
      },
      limit + 1,
    );
    const headers = items.slice(0, limit).map(({ info }): RunInfo => JSON.parse(info?.S ?? ''));
    return { headers, hasMore: items.length > limit };
  };

export const runIndex = (context: TrackingContext): RunIndex => ({
  keeps: ({ kind, key }) =>
    kind === 'metric' ||
    kind === 'param' ||
    (kind === 'tag' && isIndexedTag(key)) ||
    (kind === 'attribute' && key === 'start_time'),

  walk: (request) => walkIndex(context, request),

  hotRuns: (experimentId) => listHotRuns(context, experimentId),

  readRuns: async (runIds) => {
    const stored = await readStoredRuns(context, runIds);
    const known = runIds.flatMap((runId) => stored.get(runId) ?? []);
    return Promise.all(known.map((run) => readWholeRun(context, run, false)));
  },

  headers: readHeaders(context),
});
