import { expect, it } from 'vitest';
import { pinnedEnvironment, pinnedModel, pinsModel } from '../../../../../shared/core/deployment/index.ts';

const model = { version: 2, modelDigest: 'm', manifestDigest: 'n', artifactPrefix: 'models/toy/m/' };
const roster = { ...model, rosterDigest: 'r' };

it('pins a model beside what stands, and with a roster that too', () => {
  const environment = pinnedEnvironment({ STAGE: 'dev', MODEL_VERSION: '1' }, roster);

  expect(environment).toEqual({
    STAGE: 'dev',
    MODEL_VERSION: '2',
    MODEL_DIGEST: 'm',
    MANIFEST_DIGEST: 'n',
    ARTIFACT_PREFIX: 'models/toy/m/',
    ROSTER_DIGEST: 'r',
  });
  expect(pinnedModel(environment)).toEqual(roster);
  expect(pinnedModel({ STAGE: 'dev' })).toBeUndefined();
});

it('a model that is served alone again is pinned without the roster of before', () => {
  const environment = pinnedEnvironment(pinnedEnvironment({}, roster), model);

  expect(environment).not.toHaveProperty('ROSTER_DIGEST');
  expect(pinsModel(environment, model)).toBe(true);
});

it('tells a roster from another, and from none', () => {
  const environment = pinnedEnvironment({}, roster);

  expect(pinsModel(environment, roster)).toBe(true);
  expect(pinsModel(environment, model)).toBe(false);
  expect(pinsModel(environment, { ...roster, rosterDigest: 'other' })).toBe(false);
  expect(pinsModel(pinnedEnvironment({}, model), roster)).toBe(false);
});

it('names the engine that is expected, and none where nobody looked', () => {
  const looked = { ...model, engine: 'onnxruntime' } as const;
  const environment = pinnedEnvironment({}, looked);

  expect(environment).toMatchObject({ MODEL_ENGINE: 'onnxruntime' });
  expect(pinnedModel(environment)).toEqual(looked);
  expect(pinsModel(environment, looked)).toBe(true);
  expect(pinsModel(environment, model)).toBe(false);
  expect(pinsModel(environment, { ...model, engine: 'interpreter' })).toBe(false);
  expect(pinnedEnvironment(environment, model)).not.toHaveProperty('MODEL_ENGINE');
  expect(pinnedModel({ ...pinnedEnvironment({}, model), MODEL_ENGINE: 'other' })).toEqual(model);
});
