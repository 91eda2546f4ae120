import { describe, expect, it } from 'vitest';
import { artifactSpace } from '../../../../../shared/core/artifacts/index.ts';

const inDefault = artifactSpace({ workspace: 'default', bucket: 'artifacts' });
const inTeam = artifactSpace({ workspace: 'team', bucket: 'artifacts' });

describe('where an artifact lies', () => {
  it('is below its workspace', () => {
    expect(inTeam.locate('1/ab/artifacts/x')).toEqual({
      key: 'tracking/team/artifacts/1/ab/artifacts/x',
      writable: true,
    });
    expect(inTeam.locate('')).toEqual({ key: 'tracking/team/artifacts/', writable: true });
  });

  it('is a registered version below models in the default workspace, to be read only', () => {
    expect(inDefault.locate('models/late/abc/model.onnx')).toEqual({
      key: 'models/late/abc/model.onnx',
      writable: false,
    });
    expect(inDefault.locate('models/late/abc')).toEqual({ key: 'models/late/abc', writable: false });
  });

  it('is an ordinary path below models in any other workspace', () => {
    expect(inTeam.locate('models/late/abc')).toEqual({
      key: 'tracking/team/artifacts/models/late/abc',
      writable: true,
    });
  });

  it.each(['models', 'models/late', 'models/late/', 'models//late'])(
    'does not list what is above a version: %s',
    (path) => {
      expect(() => inDefault.locate(path)).toThrow(expect.objectContaining({ name: 'ForbiddenError' }));
    },
  );

  it('is nowhere for a path that leads out', () => {
    expect(() => inTeam.locate('../default/artifacts/x')).toThrow(/Invalid path/);
  });
});

describe('the path that a URI names', () => {
  it.each([
    ['mlflow-artifacts:/1/ab/artifacts', '1/ab/artifacts'],
    ['mlflow-artifacts:///1/ab/artifacts', '1/ab/artifacts'],
    ['mlflow-artifacts:/', ''],
    ['s3://artifacts/tracking/team/artifacts/1/ab', '1/ab'],
    ['mlflow-artifacts://other-host/1/ab', undefined],
    ['s3://artifacts/tracking/default/artifacts/1/ab', undefined],
    ['s3://artifacts/models/late/abc', undefined],
    ['s3://other/tracking/team/artifacts/1/ab', undefined],
    ['s3://artifacts-2/tracking/team/artifacts/1', undefined],
    ['gs://artifacts/x', undefined],
    ['/local/path', undefined],
  ])('of %s is %s', (uri, path) => {
    expect(inTeam.pathOf(uri)).toBe(path);
  });

  it('is a registered version of our own bucket in the default workspace', () => {
    expect(inDefault.pathOf('s3://artifacts/models/late/abc')).toBe('models/late/abc');
  });

  it('may not lead out', () => {
    expect(() => inTeam.pathOf('s3://artifacts/tracking/team/artifacts/../../default')).toThrow(/Invalid path/);
    expect(() => inTeam.pathOf('mlflow-artifacts:/../x')).toThrow(/Invalid path/);
  });
});
