import { describe, expect, it } from 'vitest';
import {
  deletedModel,
  MODEL_VERSIONS_TAG,
  type NewLoggedModel,
  newLoggedModel,
  withoutTag,
  withParams,
  withRegistration,
  withStatus,
  withTags,
} from '../../../../../shared/core/logged-models/index.ts';

const experiment = {
  experimentId: '7',
  name: 'e',
  artifactLocation: 'mlflow-artifacts:/7/',
  lifecycleStage: 'active',
  createdAtMs: 1,
  updatedAtMs: 1,
  tags: {},
} as const;
const create = (given: Partial<NewLoggedModel> = {}) =>
  newLoggedModel({ experiment, hexId: 'ab'.repeat(16), name: 'net', params: [], tags: [], atMs: 10, ...given });

describe('a new logged model', () => {
  it('is pending, and lies below its experiment', () => {
    expect(create({ modelType: 'agent', sourceRunId: 'r', params: [{ key: 'depth', value: '3' }] })).toEqual({
      modelId: `m-${'ab'.repeat(16)}`,
      experimentId: '7',
      name: 'net',
      createdAtMs: 10,
      updatedAtMs: 10,
      artifactUri: `mlflow-artifacts:/7/models/m-${'ab'.repeat(16)}/artifacts`,
      status: 'LOGGED_MODEL_PENDING',
      lifecycleStage: 'active',
      modelType: 'agent',
      sourceRunId: 'r',
      params: { depth: '3' },
      tags: {},
      metrics: [],
      registrations: [],
    });
  });

  it('gets a name of its own when it is given none', () => {
    const { name: _, ...unnamed } = { name: 'x', experiment, params: [], tags: [], atMs: 1 };

    expect(newLoggedModel({ ...unnamed, hexId: '0'.repeat(32) }).name).toMatch(/^[a-z]+-[a-z]+-\d+$/);
  });

  it.each(['a/b', 'a:b', 'a.b', 'a%', '"a"', "it's"])('is not named %s', (name) => {
    expect(() => create({ name })).toThrow(/^Invalid model name/);
  });

  it('has a name, a type and keys of bounded length', () => {
    expect(() => create({ name: 'x'.repeat(501) })).toThrow(/501 characters, at most 500/);
    expect(() => create({ modelType: 'x'.repeat(501) })).toThrow(/501 characters, at most 500/);
    expect(() => create({ params: [{ key: 'x'.repeat(251), value: '' }] })).toThrow(/251 characters, at most 250/);
    expect(() => create({ tags: [{ key: 'x'.repeat(251), value: '' }] })).toThrow(/251 characters, at most 250/);
  });

  it('is refused in a deleted experiment', () => {
    expect(() => create({ experiment: { ...experiment, lifecycleStage: 'deleted' } })).toThrow(/'active' state/);
  });
});

describe('params', () => {
  it('are written once, the same value as often as one likes', () => {
    const model = withParams(create(), [{ key: 'depth', value: '3' }]);

    expect(withParams(model, [{ key: 'depth', value: '3' }])).toBe(model);
    expect(() => withParams(model, [{ key: 'depth', value: '4' }])).toThrow(/Changing param values is not allowed/);
    expect(() =>
      withParams(model, [
        { key: 'new', value: '1' },
        { key: 'new', value: '2' },
      ]),
    ).toThrow(/Changing param values is not allowed/);
  });

  it('may have any key', () => {
    expect(Object.entries(withParams(create(), [{ key: '__proto__', value: 'x' }]).params)).toEqual([
      ['__proto__', 'x'],
    ]);
  });
});

describe('tags', () => {
  it('are overwritten and taken away', () => {
    const tagged = withTags(create(), [{ key: 'a', value: '1' }]);

    expect(withTags(tagged, [{ key: 'a', value: '1' }])).toBe(tagged);
    expect(withTags(tagged, [{ key: 'a', value: '2' }]).tags).toEqual({ a: '2' });
    expect(withoutTag(tagged, 'a').tags).toEqual({});
    expect(() => withoutTag(tagged, 'toString')).toThrow(/^No tag with key 'toString' found for model with ID 'm-/);
  });
});

describe('status and deletion', () => {
  it('move the time of the last update', () => {
    const model = create();

    expect(withStatus(model, 'LOGGED_MODEL_READY', 20)).toMatchObject({
      status: 'LOGGED_MODEL_READY',
      updatedAtMs: 20,
    });
    expect(withStatus(model, 'LOGGED_MODEL_PENDING', 20)).toBe(model);
    expect(deletedModel(model, 30)).toMatchObject({ lifecycleStage: 'deleted', updatedAtMs: 30 });
  });
});

describe('a registration', () => {
  const registration = { name: 'late', version: '1' };

  it('adds to what a client has put into the tag, each version once', () => {
    const tagged = withTags(create(), [
      { key: MODEL_VERSIONS_TAG, value: '[{"name": "late", "version": 1}, {"name": "other", "version": "3"}]' },
    ]);

    const once = withRegistration(tagged, registration, 20);
    const twice = withRegistration(once, { name: 'late', version: '2' }, 30);

    expect(once.registrations).toEqual([registration]);
    expect(once.tags).toEqual(tagged.tags);
    expect(once.updatedAtMs).toBe(20);
    expect(JSON.parse(twice.tags[MODEL_VERSIONS_TAG] ?? '')).toEqual([
      { name: 'late', version: 1 },
      { name: 'other', version: '3' },
      { name: 'late', version: 2 },
    ]);
    expect(withRegistration(twice, registration, 40)).toBe(twice);
  });

  it.each(['not JSON', '{"name":"x"}', '[null, 7, "x"]', 'null'])('gets along with a tag that holds %s', (value) => {
    const model = withRegistration(withTags(create(), [{ key: MODEL_VERSIONS_TAG, value }]), registration, 20);

    expect(JSON.parse(model.tags[MODEL_VERSIONS_TAG] ?? '')).toContainEqual({ name: 'late', version: 1 });
  });
});
