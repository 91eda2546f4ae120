import { describe, expect, it } from 'vitest';
import { createMemoryTrackingStore } from '../../../../../shared/adapters/memory/tracking-store.ts';
import {
  applyLogBatch,
  createExperiment,
  createRun,
  deleteExperiment,
  type Field,
  type MetricPoint,
  renameExperiment,
} from '../../../../../shared/core/tracking/index.ts';

const experiment = createExperiment({ experimentId: '7', name: 'e', tags: [], createdAtMs: 1 });
const runIn = (runId: string, startTimeMs = 0) =>
  createRun({ runId, experiment, userId: 'me', startTimeMs, runName: runId, tags: [] });
const METRIC: Field = { kind: 'metric', key: 'm' };
const point = (value: number, step = 0): MetricPoint => ({ key: 'm', value, timestampMs: 0, step });

const seeded = async (faults: Parameters<typeof createMemoryTrackingStore>[0] = {}) => {
  const store = createMemoryTrackingStore(faults);
  await store.createExperiment(experiment);
  for (const [runId, value] of [
    ['a', 1],
    ['b', Number.NaN],
    ['c', 2],
    ['d', 1],
  ] as const) {
    await store.createRun(runIn(runId));
    await store.changeRun(runId, (run) => applyLogBatch(run, { metrics: [point(value)], params: [], tags: [] }));
  }
  return store;
};

const walked = async (store: Awaited<ReturnType<typeof seeded>>, more: object = {}) => {
  const { entries, hasMore } = await store.index.walk({
    experimentId: '7',
    field: METRIC,
    ascending: true,
    limit: 10,
    ...more,
  });
  return `${entries.map(({ runId }) => runId).join('')}${hasMore ? '…' : ''}`;
};

describe('experiments in memory', () => {
  it('has "Default" from the start', async () => {
    expect((await createMemoryTrackingStore().getExperiment('0')).name).toBe('Default');
  });

  it('gives a name to one experiment, deleted or not', async () => {
    const store = await seeded();
    await store.changeExperiment('7', (one) => deleteExperiment(one, 2));
    const taken = { name: 'AlreadyExistsError' };

    await expect(store.createExperiment({ ...experiment, experimentId: '8' })).rejects.toMatchObject(taken);
    await expect(store.changeExperiment('0', (one) => renameExperiment(one, 'e', 3))).rejects.toMatchObject(taken);
    expect((await store.findExperiment('e'))?.experimentId).toBe('7');
    expect(await store.findExperiment('f')).toBeUndefined();
  });

  it('takes no run once it is deleted, and none twice', async () => {
    const store = await seeded();

    await expect(store.createRun(runIn('a'))).rejects.toMatchObject({ name: 'AlreadyExistsError' });
    await store.changeExperiment('7', (one) => deleteExperiment(one, 2));
    await expect(store.createRun(runIn('z'))).rejects.toMatchObject({ name: 'InvalidRequestError' });
    await expect(store.getExperiment('99')).rejects.toMatchObject({ name: 'NotFoundError' });
  });
});

describe('runs in memory', () => {
  it('keeps the history of a metric, each point once', async () => {
    const store = await seeded();
    const more = [point(1), point(5, 2), point(4, 1)];
    await store.changeRun('a', (run) => applyLogBatch(run, { metrics: more, params: [], tags: [] }));

    const first = await store.metricHistory('a', 'm', 2);
    const rest = await store.metricHistory('a', 'm', 2, first.points.at(-1));

    expect(first).toEqual({ points: [point(1), point(4, 1)], hasMore: true });
    expect(rest).toEqual({ points: [point(5, 2)], hasMore: false });
    expect((await store.metricHistory('a', 'unknown', 2)).points).toEqual([]);
  });

  it('keeps datasets once, reads their bulk by id only, and merges their tags', async () => {
    const store = await seeded();
    const dataset = { name: 'n', digest: 'd', sourceType: 't', source: 's', schema: 'long' };
    await store.addDatasetInputs('a', [{ ...dataset, tags: { x: '1' } }]);
    await store.addDatasetInputs('a', [{ ...dataset, source: 'other', tags: { y: '2' } }]);

    const [read] = await store.index.readRuns(['a', 'missing']);

    expect((await store.getRun('a')).datasetInputs).toEqual([{ ...dataset, tags: { x: '1', y: '2' } }]);
    expect(read?.datasetInputs[0]).not.toHaveProperty('schema');
  });

  it('gives all runs of an experiment a stage', async () => {
    const store = await seeded();
    await store.setLifecycleOfRuns('7', 'deleted', 2);

    expect((await store.getRun('b')).info.lifecycleStage).toBe('deleted');
  });
});

describe('the indexes in memory', () => {
  it('stand by value, then newest first, then by id, NaN last either way', async () => {
    const store = await seeded();

    expect(await walked(store)).toBe('adcb');
    expect(await walked(store, { ascending: false })).toBe('cadb');
  });

  it('go on after a position and keep to a range', async () => {
    const store = await seeded();

    expect(await walked(store, { limit: 2 })).toBe('ad…');
    expect(await walked(store, { after: { runId: 'a', startTimeMs: 0, value: 1 } })).toBe('dcb');
    expect(
      await walked(store, { range: { from: { value: 1, inclusive: false }, to: { value: 9, inclusive: true } } }),
    ).toBe('c');
    expect(await walked(store, { range: { to: { value: 1, inclusive: true } } })).toBe('ad');
  });

  it('lack the metrics of hot runs and hold what is stale, where a test plants it', async () => {
    const store = await seeded({
      isHot: ({ info }) => info.runId === 'd',
      staleEntries: (_, { kind }) => (kind === 'metric' ? [{ runId: 'a', startTimeMs: 0, value: 9 }] : []),
    });

    expect(await walked(store)).toBe('acab');
    expect(await store.index.hotRuns('7')).toEqual(['d']);
    expect(await walked(store, { field: { kind: 'attribute', key: 'start_time' } })).toBe('abcd');
  });

  it('hold the first 600 bytes of a text, in whole characters', async () => {
    const store = await seeded();
    const long = { key: 'p', value: `${'x'.repeat(599)}éz` };
    await store.changeRun('a', (run) => applyLogBatch(run, { metrics: [], params: [long], tags: [] }));

    const { entries } = await store.index.walk({
      experimentId: '7',
      field: { kind: 'param', key: 'p' },
      ascending: true,
      limit: 9,
    });

    expect(entries[0]?.value).toBe('x'.repeat(599));
  });

  it('list the headers of all runs, newest first', async () => {
    const store = await seeded();
    await store.createRun(runIn('new', 5));

    const first = await store.index.headers({ experimentId: '7', limit: 2 });
    const rest = await store.index.headers({
      experimentId: '7',
      after: { runId: 'a', startTimeMs: 0, value: 0 },
      limit: 9,
    });

    expect(first.headers.map(({ runId }) => runId)).toEqual(['new', 'a']);
    expect(first.hasMore).toBe(true);
    expect(rest.headers.map(({ runId }) => runId)).toEqual(['b', 'c', 'd']);
  });
});
