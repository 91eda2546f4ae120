import { describe, expect, it } from 'vitest';
import {
  createExperiment,
  deleteExperiment,
  deleteExperimentTag,
  type NewExperiment,
  newExperimentId,
  renameExperiment,
  restoreExperiment,
  setExperimentTag,
} from '../../../../../shared/core/tracking/index.ts';

const create = (more: Partial<NewExperiment> = {}) =>
  createExperiment({ experimentId: '7', name: 'e', tags: [], createdAtMs: 1, ...more });
const ACTIVE = create({ tags: [{ key: 't', value: 'x' }] });
const DELETED = deleteExperiment(ACTIVE, 2);

describe('an experiment', () => {
  it('is active, with a location of its own', () => {
    expect(ACTIVE).toEqual({
      experimentId: '7',
      name: 'e',
      artifactLocation: 'mlflow-artifacts:/7',
      lifecycleStage: 'active',
      createdAtMs: 1,
      updatedAtMs: 1,
      tags: { t: 'x' },
    });
    expect(create({ artifactLocation: 's3://b/p?x=1' }).artifactLocation).toBe('s3://b/p?x=1');
  });

  it('has an id of 18 digits that tells the time', () => {
    expect(newExperimentId(1_700_000_000_000, 'ffffffffffffffff')).toBe('170000000000010655');
    expect(newExperimentId(1_700_000_000_000, '000000000000')).toBe('170000000000000000');
  });

  it.each([
    ['', "Invalid experiment name: ''"],
    ['x'.repeat(501), "'name' exceeds the maximum length of 500 characters"],
  ])('refuses the name %j', (name, message) => {
    expect(() => create({ name })).toThrow(message);
    expect(() => renameExperiment(ACTIVE, name, 3)).toThrow(message);
  });

  it.each(['runs:/x', 's3://b/p#f', 's3://b/p;a', `s3://${'x'.repeat(2_048)}`])(
    'refuses the location %s',
    (artifactLocation) => {
      expect(() => create({ artifactLocation })).toThrow(/artifact_location|Artifact location/);
    },
  );

  it('is renamed while it is active', () => {
    expect(renameExperiment(ACTIVE, 'f', 3)).toEqual({ ...ACTIVE, name: 'f', updatedAtMs: 3 });
    expect(() => renameExperiment(DELETED, 'f', 3)).toThrow(
      expect.objectContaining({ name: 'InvalidStateError', message: 'Cannot rename a non-active experiment.' }),
    );
  });

  it('is deleted once, and then restored once', () => {
    expect(DELETED).toEqual({ ...ACTIVE, lifecycleStage: 'deleted', updatedAtMs: 2 });
    expect(restoreExperiment(DELETED, 4)).toEqual({ ...ACTIVE, updatedAtMs: 4 });
    const missing = expect.objectContaining({ name: 'NotFoundError' });
    expect(() => deleteExperiment(DELETED, 3)).toThrow(missing);
    expect(() => restoreExperiment(ACTIVE, 3)).toThrow(missing);
  });

  it('takes and loses tags while it is active', () => {
    expect(setExperimentTag(ACTIVE, { key: 't', value: 'y' }).tags).toEqual({ t: 'y' });
    expect(deleteExperimentTag(ACTIVE, 't').tags).toEqual({});
    expect(() => deleteExperimentTag(ACTIVE, 'u')).toThrow('No tag with name: u in experiment with id 7');
    expect(() => setExperimentTag(ACTIVE, { key: '/', value: '' })).toThrow(/must not resolve/);
    expect(() => setExperimentTag(ACTIVE, { key: 'k', value: 'x'.repeat(5_001) })).toThrow(
      "'value' exceeds the maximum length of 5000 characters",
    );
    const inactive = "The experiment 7 must be in the 'active' state. Current state is deleted.";
    expect(() => setExperimentTag(DELETED, { key: 't', value: 'y' })).toThrow(inactive);
    expect(() => deleteExperimentTag(DELETED, 't')).toThrow(inactive);
  });
});
