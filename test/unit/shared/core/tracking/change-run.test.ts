import { describe, expect, it } from 'vitest';
import {
  addModelInputs,
  addModelOutputs,
  createExperiment,
  createRun,
  deleteRunTag,
  renameRun,
  type StoredRun,
  setRunLifecycle,
  updateRun,
} from '../../../../../shared/core/tracking/index.ts';

const experiment = createExperiment({ experimentId: '7', name: 'e', tags: [], createdAtMs: 0 });
const RUN: StoredRun = createRun({
  runId: 'r',
  experiment,
  userId: 'me',
  startTimeMs: 0,
  runName: 'first',
  tags: [{ key: 't', value: 'x' }],
});
const DELETED = setRunLifecycle(RUN, 'deleted');

describe('changing a run', () => {
  it('renames it and its tag together, but not to nothing', () => {
    const renamed = renameRun(RUN, 'second');

    expect([renamed.info.runName, renamed.tags['mlflow.runName']]).toEqual(['second', 'second']);
    expect(renameRun(RUN, '')).toEqual(RUN);
  });

  it('sets what is given', () => {
    const { info } = updateRun(RUN, { status: 'FINISHED', endTimeMs: 9 });

    expect(info).toEqual({ ...RUN.info, status: 'FINISHED', endTimeMs: 9 });
    expect(updateRun(RUN, {})).toEqual(RUN);
    expect(updateRun(RUN, { runName: 'n' }).tags['mlflow.runName']).toBe('n');
  });

  it('deletes and restores it, twice as well as once', () => {
    expect(setRunLifecycle(DELETED, 'deleted')).toEqual(DELETED);
    expect(setRunLifecycle(DELETED, 'active')).toEqual(RUN);
  });

  it('deletes a tag that it has', () => {
    expect(deleteRunTag(RUN, 't').tags).toEqual({ 'mlflow.runName': 'first' });
    expect(() => deleteRunTag(RUN, 'u')).toThrow('No tag with name: u in run with id r');
    expect(() => deleteRunTag(RUN, 'constructor')).toThrow('No tag with name: constructor');
  });

  it('adds models once each', () => {
    const read = addModelInputs(addModelInputs(RUN, [{ modelId: 'a' }]), [{ modelId: 'a' }, { modelId: 'b' }]);
    const made = addModelOutputs(addModelOutputs(RUN, [{ modelId: 'a', step: 1 }]), [{ modelId: 'a', step: 2 }]);

    expect(read.modelInputs).toEqual([{ modelId: 'a' }, { modelId: 'b' }]);
    expect(made.modelOutputs).toEqual([{ modelId: 'a', step: 2 }]);
    const many = Array.from({ length: 1_001 }, (_, at) => ({ modelId: `${at}` }));
    expect(() => addModelInputs(RUN, many)).toThrow(/at most 1000 models/);
  });

  it.each([
    ['rename', () => renameRun(DELETED, 'x')],
    ['update', () => updateRun(DELETED, { status: 'FAILED' })],
    ['delete a tag', () => deleteRunTag(DELETED, 't')],
    ['add models read', () => addModelInputs(DELETED, [])],
    ['add models made', () => addModelOutputs(DELETED, [])],
  ])('does not %s once it is deleted', (_, change) => {
    expect(change).toThrow("The run r must be in the 'active' state. Current state is deleted.");
  });
});
