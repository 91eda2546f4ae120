import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  anExperiment,
  aRun,
  ending,
  logging,
  logMetrics,
  point,
  stageOf,
  wholeHistory,
  wholeWalk,
} from '../helpers/tracked-runs.ts';
import { newWorkspace, trackingSubjects } from '../helpers/tracking-subjects.ts';
import { startTrackingTable, type TrackingTable } from '../helpers/tracking-table.ts';

let table: TrackingTable;
beforeAll(async () => {
  table = await startTrackingTable();
});
afterAll(() => table.stop());

const subjects = trackingSubjects(() => table);

const _metric = (key: string) => ({ kind: 'metric', key }) as const;
const param = (key: string) => ({ kind: 'param', key }) as const;
const tag = (key: string) => ({ kind: 'tag', key }) as const;
const _START_TIME = { kind: 'attribute', key: 'start_time' } as const;
const _idsOf = (entries: readonly { readonly runId: string }[]) => entries.map(({ runId }) => runId);

describe.each(subjects)('experiments on %s', (_where, open) => {
  it('have "Default" from the first use on', async () => {
    expect(await open().getExperiment('0')).toMatchObject({ experimentId: '0', name: 'Default' });
    expect(await open().listExperiments()).toMatchObject([{ experimentId: '0', lifecycleStage: 'active' }]);
    expect(await open().findExperiment('Default')).toMatchObject({ experimentId: '0' });
    await expect(open().createExperiment(anExperiment('1', { name: 'Default' }))).rejects.toThrow(/already exists/);
  });

  it('come back as they were created, by id, by name and in the list', async () => {
    const store = open();
    const experiment = anExperiment('12', { name: 'Bäume / 木', tags: { __proto__: 'x', team: 'a' } });

    await store.createExperiment(experiment);

    expect(await store.getExperiment('12')).toEqual(experiment);
    expect(await store.findExperiment('Bäume / 木')).toEqual(experiment);
    expect(await store.listExperiments()).toHaveLength(2);
    expect(await store.findExperiment('another')).toBeUndefined();
    await expect(store.getExperiment('13')).rejects.toThrow(/No Experiment with id=13 exists/);
  });

  it('give a name to one, however many ask for it at once', async () => {
    const store = open();

    const outcomes = await Promise.allSettled(
      Array.from({ length: 8 }, (_, i) => store.createExperiment(anExperiment(`${i + 1}`, { name: 'wanted' }))),
    );

    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ name: 'AlreadyExistsError' });
    }
  });

  it('move their name when they are renamed, and keep it when they are deleted', async () => {
    const store = open();
    await store.createExperiment(anExperiment('1', { name: 'old' }));
    await store.createExperiment(anExperiment('2', { name: 'other' }));

    await store.changeExperiment('1', (experiment) => ({ ...experiment, name: 'new', updatedAtMs: 2_000 }));
    await store.changeExperiment('2', (experiment) => ({ ...experiment, lifecycleStage: 'deleted' }));

    expect(await store.findExperiment('old')).toBeUndefined();
    expect(await store.findExperiment('new')).toMatchObject({ experimentId: '1', updatedAtMs: 2_000 });
    await store.createExperiment(anExperiment('3', { name: 'old' }));
    await expect(store.createExperiment(anExperiment('4', { name: 'other' }))).rejects.toThrow(/already exists/);
    const rename = store.changeExperiment('1', (experiment) => ({ ...experiment, name: 'other' }));
    await expect(rename).rejects.toMatchObject({ name: 'AlreadyExistsError' });
    expect(await store.getExperiment('1')).toMatchObject({ name: 'new' });
  });

  it('lose no change of those made at once', async () => {
    const store = open();
    await store.createExperiment(anExperiment('1'));

    await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        store.changeExperiment('1', ({ tags, ...rest }) => ({ ...rest, tags: { ...tags, [`k${i}`]: 'v' } })),
      ),
    );

    expect(Object.keys((await store.getExperiment('1')).tags)).toHaveLength(10);
  });
});

describe.each(subjects)('runs on %s', (_where, open) => {
  it('come back as they were created', async () => {
    const store = open();
    const run = aRun('a', {
      params: { __proto__: 'p', lr: '0.1' },
      tags: { note: '', 'mlflow.user': 'ann' },
      metrics: { loss: { ...point('loss', 1), modelId: 'm-1' } },
      modelInputs: [{ modelId: 'm-2' }],
      modelOutputs: [{ modelId: 'm-1', step: 3 }],
      datasetInputs: [
        {
          name: 'd',
          digest: '1',
          sourceType: 'local',
          source: 's',
          schema: '{}',
          profile: '{"n":1}',
          tags: { c: 'x' },
        },
      ],
    });

    await store.createRun(run);

    expect(await store.getRun('a')).toEqual(run);
    const [read] = await store.index.readRuns(['missing', 'a']);
    const { schema: _, profile: __, ...dataset } = run.datasetInputs[0]!;
    expect(read).toEqual({ ...run, datasetInputs: [dataset] });
    await expect(store.getRun('b')).rejects.toMatchObject({ name: 'NotFoundError' });
    await expect(store.changeRun('b', ending())).rejects.toMatchObject({ name: 'NotFoundError' });
  });

  it('are not created in an experiment that is deleted or unknown', async () => {
    const store = open();
    await store.createExperiment(anExperiment('1'));
    await store.changeExperiment('1', (experiment) => ({ ...experiment, lifecycleStage: 'deleted' }));

    const inDeleted = store.createRun(aRun('a', { info: { experimentId: '1' } }));
    await expect(inDeleted).rejects.toMatchObject({ name: 'InvalidRequestError' });
    const inUnknown = store.createRun(aRun('a', { info: { experimentId: '2' } }));
    await expect(inUnknown).rejects.toMatchObject({ name: 'NotFoundError' });
    await expect(store.getRun('a')).rejects.toMatchObject({ name: 'NotFoundError' });
  });

  it('change by what the change gives, and stay when it throws', async () => {
    const store = open();
    await store.createRun(aRun('a', { tags: { gone: '1', stays: '2' } }));

    const changed = await store.changeRun('a', (run) => ({ run: { ...run, tags: { stays: '3' } } }));
    await expect(store.changeRun('a', logging({ params: { p: '1' }, tags: { q: '1' } }))).resolves.toBeDefined();
    await expect(store.changeRun('a', logging({ params: { p: '2' }, tags: { q: '2' } }))).rejects.toThrow(
      'param p is 1',
    );

    expect(changed.tags).toEqual({ stays: '3' });
    expect(await store.getRun('a')).toMatchObject({ tags: { stays: '3', q: '1' }, params: { p: '1' } });
  });

  it('give a param to one of those that write it at once', async () => {
    const store = open();
    await store.createRun(aRun('a'));

    const outcomes = await Promise.allSettled(
      Array.from({ length: 10 }, (_, i) => store.changeRun('a', logging({ params: { p: `${i}` } }))),
    );

    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('take 100 params and 100 tags in one call, and find the run by each', async () => {
    const store = open();
    await store.createRun(aRun('a'));
    const entries = (value: string) => Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`k${i}`, value]));

    await store.changeRun('a', logging({ params: entries('p'), tags: entries('s') }));
    await store.changeRun('a', logging({ params: entries('p'), tags: entries('t') }));

    expect(Object.keys((await store.getRun('a')).params)).toHaveLength(100);
    for (const key of ['k0', 'k42', 'k99']) {
      const byParam = await wholeWalk(store, { experimentId: '0', field: param(key), ascending: true });
      const byTag = await wholeWalk(store, { experimentId: '0', field: tag(key), ascending: true });
      expect(byParam).toEqual([{ runId: 'a', startTimeMs: 5_000, value: 'p' }]);
      expect(byTag).toEqual([{ runId: 'a', startTimeMs: 5_000, value: 't' }]);
    }
  });

  it('add datasets once, with the tags of all calls', async () => {
    const store = open();
    await store.createRun(aRun('a'));
    const dataset = { name: 'd', digest: '1', sourceType: 'local', source: 's'.repeat(70_000), tags: {} };

    await store.addDatasetInputs('a', [{ ...dataset, schema: 'x'.repeat(500_000), tags: { one: '1' } }]);
    await store.addDatasetInputs('a', [
      { ...dataset, sourceType: 'other', tags: { two: '2' } },
      { ...dataset, digest: '2' },
    ]);
    await store.addDatasetInputs('a', [{ ...dataset, digest: '2' }]);

    const { datasetInputs } = await store.getRun('a');
    expect(datasetInputs).toEqual([
      { ...dataset, schema: 'x'.repeat(500_000), tags: { one: '1', two: '2' } },
      { ...dataset, digest: '2' },
    ]);
    const [read] = await store.index.readRuns(['a']);
    expect(read?.datasetInputs[0]).toEqual({ ...dataset, tags: { one: '1', two: '2' } });
  });

  it('hold more than an item of the table can', async () => {
    const store = open();
    await store.createRun(aRun('a'));
    const noise = Buffer.from(Array.from({ length: 6_000 }, (_, i) => (i * i * 7919) % 251)).toString('base64');
    const tags = Object.fromEntries(
      Array.from({ length: 90 }, (_, i) => [`mlflow.note.${i}`, noise.slice(i, i + 8_000).replaceAll('A', `${i}`)]),
    );

    await store.changeRun('a', logging({ tags }));

    expect((await store.getRun('a')).tags).toMatchObject(tags);
  });

  it('keep the latest points, NaN among them, and every point of the history once', async () => {
    const store = open();
    await store.createRun(aRun('a'));
    const points = [
      point('loss', 3, 3_000, -1),
      point('loss', Number.NaN, 1_000, 5),
      point('loss', -0.5, 1_000, 5),
      point('loss', 2, 2_000, -7),
      point('other', 1),
    ];

    await store.changeRun('a', logging({ metrics: points }));
    await store.changeRun('a', logging({ metrics: points }));
    await logMetrics(store, 'a', points.slice(0, 2));
    await logMetrics(store, 'a', [point('only NaN', Number.NaN)]);

    const { metrics } = await store.getRun('a');
    expect(metrics.loss).toEqual(point('loss', -0.5, 1_000, 5));
    expect(metrics['only NaN']?.value).toBeNaN();
    expect(await wholeHistory(store, 'a', 'loss')).toEqual([points[1], points[2], points[3], points[0]]);
    expect(await wholeHistory(store, 'a', 'loss', 1)).toHaveLength(4);
    expect(await store.metricHistory('a', 'unknown', 10)).toEqual({ points: [], hasMore: false });
  });

  it('page through a history that was written out of order', async () => {
    const store = open();
    await store.createRun(aRun('a'));
    const stepsOf = (first: number, stride: number) =>
      Array.from({ length: 300 }, (_, i) => point('m', i, 1_000 + first + i * stride, i));

    await logMetrics(store, 'a', stepsOf(5_000_000, 7));
    await logMetrics(store, 'a', [point('m', -1, 0, 0), point('m', -2, 999_999_999, 0)]);
    await logMetrics(store, 'a', stepsOf(0, 30_000));
    await logMetrics(store, 'a', stepsOf(5_000_003, 11));

    const expected = [...stepsOf(5_000_000, 7), ...stepsOf(0, 30_000), ...stepsOf(5_000_003, 11)]
      .concat([point('m', -1, 0, 0), point('m', -2, 999_999_999, 0)])
      .sort((x, y) => x.timestampMs - y.timestampMs || x.step - y.step || x.value - y.value);
    expect(await wholeHistory(store, 'a', 'm', 50)).toEqual(expected);
    expect(await wholeHistory(store, 'a', 'm', 5_000)).toEqual(expected);
  });

  it('refuse metrics, even of who saw them last, once they are deleted', async () => {
    const store = open();
    await store.createRun(aRun('a'));
    await logMetrics(store, 'a', [point('m', 1)]);

    await store.changeRun('a', stageOf('deleted'));

    await expect(logMetrics(store, 'a', [point('m', 2)])).rejects.toMatchObject({ name: 'InvalidRequestError' });
    await store.changeRun('a', stageOf('active'));
    await logMetrics(store, 'a', [point('m', 3)]);
    expect(await wholeHistory(store, 'a', 'm')).toEqual([point('m', 1), point('m', 3)]);
  });

  it('follow their experiment when it is deleted and restored', async () => {
    const store = open();
    await store.createExperiment(anExperiment('1'));
    const runIds = Array.from({ length: 30 }, (_, i) => `run-${i}`);
    for (const runId of runIds) await store.createRun(aRun(runId, { info: { experimentId: '1' } }));
    const stages = async () => {
      const { headers } = await store.index.headers({ experimentId: '1', limit: 100 });
      const runs = await store.index.readRuns(runIds);
      return new Set([...headers, ...runs.map(({ info }) => info)].map(({ lifecycleStage }) => lifecycleStage));
    };

    await store.setLifecycleOfRuns('1', 'deleted', 9_000);
    const deleted = await stages();
    await store.setLifecycleOfRuns('1', 'active', 9_500);

    expect([...deleted]).toEqual(['deleted']);
    expect([...(await stages())]).toEqual(['active']);
  });
});

describe('the tracking table', () => {
  it('creates an experiment once by a call that is sent twice', async () => {
    const store = table.open(newWorkspace());

    await store.createExperiment(anExperiment('1'));
    await store.createExperiment(anExperiment('1'));

    expect(await store.listExperiments()).toHaveLength(2);
  });

  it('creates a run once by a call that is sent twice', async () => {
    const store = table.open(newWorkspace());

    await store.createRun(aRun('a'));
    await store.changeRun('a', logging({ params: { p: '1' } }));
    await store.createRun(aRun('a'));

    expect((await store.getRun('a')).params).toEqual({ p: '1' });
    const other = aRun('a', { info: { userId: 'bob' } });
    await expect(store.createRun(other)).rejects.toMatchObject({ name: 'AlreadyExistsError' });
  });
});
