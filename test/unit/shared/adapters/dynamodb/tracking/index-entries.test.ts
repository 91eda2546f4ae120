import { describe, expect, it } from 'vitest';
import {
  isIndexedTag,
  metricChanges,
  textChanges,
} from '../../../../../../shared/adapters/dynamodb/tracking/index-entries.ts';
import { trackingKeys } from '../../../../../../shared/adapters/dynamodb/tracking/keys.ts';

const owner = { keys: trackingKeys('w'), experimentId: '1', startTimeMs: 5, runId: 'r' };
const partitionsOf = (keys: readonly { readonly pk: string }[]) => keys.map(({ pk }) => pk);

describe('index entries', () => {
  it('change with what changed alone', () => {
    const { put, delete: deleted } = metricChanges(
      owner,
      { same: 1, nan: Number.NaN, zero: 0, moved: 1, gone: 1 },
      { same: 1, nan: Number.NaN, zero: -0, moved: 2, added: 3 },
    );

    expect(partitionsOf(put)).toEqual(['W/w/e/1/m/moved', 'W/w/e/1/m/added']);
    expect(partitionsOf(deleted)).toEqual(['W/w/e/1/m/moved', 'W/w/e/1/m/gone']);
  });

  it('are kept of params and of the tags that are searched for', () => {
    const changes = textChanges(
      owner,
      { params: { p: '1' }, tags: { g: 'a', '': 'b' } },
      { params: { p: '1', q: '2' }, tags: { g: 'b', 'mlflow.user': 'x', 'mlflow.parentRunId': 'y' } },
    );

    expect(changes.map(({ part, key, value }) => [part, key, value])).toEqual([
      ['params', 'q', '2'],
      ['tags', 'g', 'b'],
      ['tags', '', undefined],
      ['tags', 'mlflow.parentRunId', 'y'],
    ]);
    expect(isIndexedTag('mlflow.parentRunId')).toBe(true);
    expect(isIndexedTag('mlflow.runName')).toBe(false);
  });

  it('stay when texts differ only beyond what an entry holds', () => {
    const long = 'x'.repeat(700);

    expect(
      textChanges(owner, { params: {}, tags: { g: `${long}a` } }, { params: {}, tags: { g: `${long}b` } }),
    ).toEqual([]);
  });

  it('take keys of any name for keys', () => {
    const own = Object.fromEntries([['__proto__', 1]]);

    expect(metricChanges(owner, {}, own).put).toHaveLength(1);
    expect(metricChanges(owner, {}, { constructor: 1 }).delete).toEqual([]);
  });
});
