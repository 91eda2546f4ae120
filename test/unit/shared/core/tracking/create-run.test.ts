import { describe, expect, it } from 'vitest';
import {
  createExperiment,
  createRun,
  deleteExperiment,
  type NewRun,
} from '../../../../../shared/core/tracking/index.ts';

const experiment = createExperiment({ experimentId: '7', name: 'e', tags: [], createdAtMs: 0 });
const create = (more: Partial<NewRun> = {}) =>
  createRun({ runId: 'abc', experiment, userId: 'me', startTimeMs: 5, tags: [], ...more });
const named = (value: string) => ({ key: 'mlflow.runName', value });

describe('creating a run', () => {
  it('begins it running, below the experiment', () => {
    expect(create({ runName: 'n' })).toEqual({
      info: {
        runId: 'abc',
        experimentId: '7',
        runName: 'n',
        userId: 'me',
        status: 'RUNNING',
        startTimeMs: 5,
        lifecycleStage: 'active',
        artifactUri: 'mlflow-artifacts:/7/abc/artifacts',
      },
      params: {},
      tags: { 'mlflow.runName': 'n' },
      metrics: {},
      datasetInputs: [],
      modelInputs: [],
      modelOutputs: [],
    });
  });

  it('takes the name from the tag where it has no other', () => {
    expect(create({ tags: [named('t')] }).info.runName).toBe('t');
    expect(create({ runName: '', tags: [named('t')] }).info.runName).toBe('t');
    expect(create({ runName: 't', tags: [named('t')] }).tags).toEqual({ 'mlflow.runName': 't' });
  });

  it('refuses a name and a tag that differ', () => {
    expect(() => create({ runName: 'n', tags: [named('t')] })).toThrow(
      "Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values (run_name='n', mlflow.runName='t').",
    );
  });

  it('names it by its id where it has no name', () => {
    const { info, tags } = create();

    expect(info.runName).toMatch(/^[a-z]+-[a-z]+-\d{1,3}$/);
    expect(tags['mlflow.runName']).toBe(info.runName);
    expect(create().info.runName).toBe(info.runName);
    expect(new Set(Array.from({ length: 500 }, (_, at) => create({ runId: `${at}` }).info.runName)).size).toBe(500);
  });

  it.each([
    ['s3://bucket/a/', 's3://bucket/a/abc/artifacts'],
    ['dbfs:/x?token=1', 'dbfs:/x/abc/artifacts?token=1'],
  ])('puts its artifacts below %s', (artifactLocation, expected) => {
    expect(create({ experiment: { ...experiment, artifactLocation } }).info.artifactUri).toBe(expected);
  });

  it('refuses a deleted experiment, a time below zero and a bad tag', () => {
    expect(() => create({ experiment: deleteExperiment(experiment, 1) })).toThrow(
      "The experiment 7 must be in the 'active' state. Current state is deleted.",
    );
    expect(() => create({ startTimeMs: -1 })).toThrow('start_time must be milliseconds since 1970, got -1');
    expect(() => create({ tags: [{ key: '/x', value: '' }] })).toThrow("'tags[0].key'");
  });
});
