import { describe, expect, it } from 'vitest';
import {
  applyLogBatch,
  createExperiment,
  createRun,
  type LogBatch,
  type MetricPoint,
  type StoredRun,
  setRunLifecycle,
} from '../../../../../shared/core/tracking/index.ts';
import { fc } from '../../../../helpers/properties.ts';

const experiment = createExperiment({ experimentId: '7', name: 'e', tags: [], createdAtMs: 0 });
const RUN: StoredRun = createRun({ runId: 'r', experiment, userId: 'me', startTimeMs: 0, runName: 'first', tags: [] });

const log = (run: StoredRun, batch: Partial<LogBatch>) =>
  applyLogBatch(run, { metrics: [], params: [], tags: [], ...batch });
const point = (step: number, timestampMs: number, value: number, key = 'm'): MetricPoint => ({
  key,
  value,
  timestampMs,
  step,
});

describe('logging a batch', () => {
  it('adds params, tags and points', () => {
    const { run, points } = log(RUN, {
      metrics: [point(0, 1, 2)],
      params: [{ key: 'p', value: '1' }],
      tags: [{ key: 't', value: 'x' }],
    });

    expect(run.params).toEqual({ p: '1' });
    expect(run.tags).toEqual({ 'mlflow.runName': 'first', t: 'x' });
    expect(run.metrics).toEqual({ m: point(0, 1, 2) });
    expect(points).toEqual([point(0, 1, 2)]);
  });

  it('changes nothing when the same is logged again', () => {
    const batch = {
      metrics: [point(0, 1, Number.NaN)],
      params: [{ key: 'p', value: '1' }],
      tags: [{ key: 't', value: 'x' }],
    };
    const { run } = log(RUN, batch);

    expect(log(run, batch).run).toEqual(run);
  });

  it('refuses another value of a param', () => {
    const { run } = log(RUN, { params: [{ key: 'p', value: '1' }] });

    expect(() => log(run, { params: [{ key: 'p', value: '2' }] })).toThrow(
      "Changing param values is not allowed. Param with key='p' was already logged with value='1' for run ID='r'. Attempted logging new value '2'.",
    );
    const two = [
      { key: 'p', value: '2' },
      { key: 'q', value: '3' },
    ];
    expect(() => log(run, { params: two })).toThrow(
      "Changing param values is not allowed. Params were already logged='[{'key': 'p', 'old_value': '1', 'new_value': '2'}]' for run ID='r'.",
    );
  });

  it('overwrites tags, the last of one key', () => {
    const tags = [
      { key: 't', value: 'x' },
      { key: 't', value: 'y' },
    ];

    expect(log(log(RUN, { tags: [{ key: 't', value: 'z' }] }).run, { tags }).run.tags.t).toBe('y');
  });

  it('renames the run by its tag, but not to nothing', () => {
    const renamed = log(RUN, { tags: [{ key: 'mlflow.runName', value: 'second' }] }).run;
    const same = log(renamed, { tags: [{ key: 'mlflow.runName', value: '' }] }).run;

    expect(renamed.info.runName).toBe('second');
    expect(same).toEqual(renamed);
  });

  it('keeps keys that objects have of themselves', () => {
    const { run } = log(RUN, {
      metrics: [point(0, 0, 1, '__proto__'), point(0, 0, 2, 'constructor')],
      params: [{ key: '__proto__', value: 'p' }],
      tags: [{ key: '__proto__', value: 't' }],
    });

    expect(Object.entries(run.metrics).map(([key, { value }]) => [key, value])).toEqual([
      ['__proto__', 1],
      ['constructor', 2],
    ]);
    expect(Object.entries(run.params)).toEqual([['__proto__', 'p']]);
    expect(Object.hasOwn(run.tags, '__proto__')).toBe(true);
    expect(() => log(run, { params: [{ key: '__proto__', value: 'q' }] })).toThrow(/Changing param values/);
  });

  it('refuses a deleted run', () => {
    expect(() => log(setRunLifecycle(RUN, 'deleted'), {})).toThrow(
      "The run r must be in the 'active' state. Current state is deleted.",
    );
  });

  it('stores identical points once', () => {
    const same = [point(0, 0, Number.NaN), point(0, 0, Number.NaN), point(0, 0, 1), point(0, 0, 1)];

    expect(log(RUN, { metrics: same }).points).toHaveLength(2);
  });
});

describe('the latest point of a metric', () => {
  it.each([
    ['the higher step', point(1, 0, 0), point(0, 9, 9)],
    ['of one step the later time', point(0, 1, 0), point(0, 0, 9)],
    ['of one time the greater value', point(0, 0, 2), point(0, 0, 1)],
    ['a number before NaN', point(0, 0, -9), point(0, 0, Number.NaN)],
    ['NaN of a higher step', point(1, 0, Number.NaN), point(0, 0, 1)],
    ['steps below zero in their order', point(-1, 0, 0), point(-2, 0, 0)],
  ])('is %s, in whatever order they come', (_, latest, other) => {
    expect(log(RUN, { metrics: [latest, other] }).run.metrics.m).toEqual(latest);
    expect(log(RUN, { metrics: [other, latest] }).run.metrics.m).toEqual(latest);
    expect(log(log(RUN, { metrics: [latest] }).run, { metrics: [other] }).run.metrics.m).toEqual(latest);
  });

  it('does not depend on how points are batched', () => {
    const some = fc.array(
      fc.tuple(fc.integer({ min: -1, max: 1 }), fc.integer({ min: 0, max: 1 }), fc.constantFrom(0, 1, Number.NaN)),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(some, (given) => {
        const metrics = given.map(([step, time, value]) => point(step, time, value));
        const oneByOne = metrics.toReversed().reduce((run, metric) => log(run, { metrics: [metric] }).run, RUN);

        expect(oneByOne.metrics).toEqual(log(RUN, { metrics }).run.metrics);
      }),
    );
  });
});
