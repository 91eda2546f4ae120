import { describe, expect, it } from 'vitest';
import { type LoggedModelSearch, searchLoggedModels } from '../../../../../shared/core/logged-models/index.ts';
import {
  type LoggedModel,
  type LoggedModelMetric,
  parseLoggedModelFilter,
  parseLoggedModelOrderBy,
} from '../../../../../shared/core/tracking/index.ts';

const metric = (key: string, value: number, fields: Partial<LoggedModelMetric> = {}): LoggedModelMetric => ({
  key,
  value,
  timestampMs: 1,
  step: 0,
  runId: 'r',
  ...fields,
});
const modelOf = (id: number, fields: Partial<LoggedModel> = {}): LoggedModel => ({
  modelId: `m-${id}`,
  experimentId: '7',
  name: `net ${id}`,
  createdAtMs: 1_000 + id,
  updatedAtMs: 1_000 + id,
  artifactUri: `mlflow-artifacts:/7/models/m-${id}/artifacts`,
  status: 'LOGGED_MODEL_READY',
  lifecycleStage: 'active',
  params: {},
  tags: {},
  metrics: [],
  registrations: [],
  ...fields,
});
const models = [
  modelOf(1, { sourceRunId: 'a', params: { depth: '3' }, metrics: [metric('auc', 0.9, { datasetName: 'test' })] }),
  modelOf(2, {
    modelType: 'agent',
    tags: { team: 'x', 'a b.c': 'y' },
    metrics: [
      metric('auc', 0.5, { datasetName: 'test', datasetDigest: '1' }),
      metric('auc', 0.95, { datasetName: 'train', timestampMs: 2 }),
    ],
  }),
  modelOf(3, { status: 'LOGGED_MODEL_PENDING', metrics: [metric('auc', Number.NaN)] }),
  modelOf(4),
];

const search = (
  filter = '',
  {
    orderBy = [],
    ...fields
  }: Partial<Omit<LoggedModelSearch, 'orderBy'>> & {
    readonly orderBy?: Parameters<typeof parseLoggedModelOrderBy>[0];
  } = {},
) => {
  const page = searchLoggedModels({
    models,
    filter: parseLoggedModelFilter(filter),
    datasets: [],
    orderBy: parseLoggedModelOrderBy(orderBy),
    maxResults: 10,
    experimentIds: ['7'],
    ...fields,
  });
  return { ids: page.entities.map(({ modelId }) => modelId), token: page.nextPageToken };
};

describe('a search for logged models', () => {
  it('gives the newest first', () => {
    expect(search()).toEqual({ ids: ['m-4', 'm-3', 'm-2', 'm-1'], token: undefined });
  });

  it.each([
    ["name = 'net 1'", ['m-1']],
    ["name LIKE 'net %' AND model_id != 'm-4'", ['m-3', 'm-2', 'm-1']],
    ["source_run_id = 'a'", ['m-1']],
    ["model_type IN ('agent', 'x')", ['m-2']],
    ["status = 'LOGGED_MODEL_PENDING'", ['m-3']],
    ['creation_timestamp > 1002', ['m-4', 'm-3']],
    ['last_updated_timestamp <= 1001', ['m-1']],
    ["params.depth = '3'", ['m-1']],
    ["tags.team = 'x'", ['m-2']],
    ["tags.`a b.c` ILIKE 'Y'", ['m-2']],
    ["tags.toString = 'x'", []],
    ['metrics.auc > 0.8', ['m-2', 'm-1']],
    ['metrics.auc != 0.9', ['m-2']],
    ['metrics.auc > 0.9 AND metrics.auc < 0.6', ['m-2']],
    ['metrics.none > 0', []],
  ])('finds by %s', (filter, ids) => {
    expect(search(filter).ids).toEqual(ids);
  });

  it('counts metrics on the datasets that are asked for', () => {
    expect(search('metrics.auc > 0.8', { datasets: [{ datasetName: 'test' }] }).ids).toEqual(['m-1']);
    expect(search('metrics.auc > 0', { datasets: [{ datasetName: 'test', datasetDigest: '1' }] }).ids).toEqual(['m-2']);
    expect(search('', { datasets: [{ datasetName: 'train' }, { datasetName: 'other' }] }).ids).toEqual(['m-2']);
  });

  it('orders by a metric, what has none last either way', () => {
    const byAuc = { fieldName: 'metrics.auc' };

    expect(search('', { orderBy: [byAuc] }).ids).toEqual(['m-1', 'm-2', 'm-4', 'm-3']);
    expect(search('', { orderBy: [{ ...byAuc, ascending: false }] }).ids).toEqual(['m-2', 'm-1', 'm-4', 'm-3']);
    expect(search('', { orderBy: [{ ...byAuc, datasetName: 'test' }] }).ids).toEqual(['m-2', 'm-1', 'm-4', 'm-3']);
  });

  it('orders by an attribute', () => {
    expect(search('', { orderBy: [{ fieldName: 'name' }] }).ids).toEqual(['m-1', 'm-2', 'm-3', 'm-4']);
    expect(search('', { orderBy: [{ fieldName: 'model_type' }] }).ids).toEqual(['m-2', 'm-4', 'm-3', 'm-1']);
  });

  it('goes on where the page before ended, in the same search only', () => {
    const datasets = [{ datasetName: 'test' }];
    const first = search('metrics.auc > 0', { maxResults: 1, datasets });
    const second = search('metrics.auc > 0', { maxResults: 1, datasets, pageToken: first.token ?? '' });

    expect([first.ids, second.ids, second.token]).toEqual([['m-2'], ['m-1'], undefined]);
    for (const other of [
      () => search('metrics.auc > 1', { datasets, pageToken: first.token ?? '' }),
      () => search('metrics.auc > 0', { pageToken: first.token ?? '' }),
      () => search('metrics.auc > 0', { datasets, experimentIds: ['8'], pageToken: first.token ?? '' }),
      () => search('metrics.auc > 0', { datasets, pageToken: 'junk' }),
    ]) {
      expect(other).toThrow(/Invalid page token/);
    }
  });
});
