import { describe, expect, it } from 'vitest';
import { createRunCache, type StoredRun } from '../../../../../../shared/adapters/dynamodb/tracking/run-cache.ts';
import { runDocumentOf } from '../../../../../../shared/adapters/dynamodb/tracking/run-plan.ts';
import { aRun } from '../../../../../helpers/tracked-runs.ts';

const storedRun = (runId: string, sizeBytes = 1): StoredRun => ({
  run: { rev: 1, sizeBytes, document: runDocumentOf(aRun(runId), []) },
  metrics: {
    rev: 1,
    sizeBytes: 0,
    document: { lifecycleStage: 'active', metrics: {}, longestSpanMs: 0, longestStepSpan: 0, writeCount: 0 },
  },
});
const kept = (cache: ReturnType<typeof createRunCache>, runIds: string) =>
  [...runIds].filter((runId) => cache.get(runId) !== undefined).join('');

describe('the cache of runs', () => {
  it('lets go of the longest unused beyond its number of runs', () => {
    const cache = createRunCache({ runs: 2 });
    cache.set('a', storedRun('a'));
    cache.set('b', storedRun('b'));
    cache.get('a');
    cache.set('c', storedRun('c'));

    expect(kept(cache, 'abc')).toBe('ac');
  });

  it('lets go of as many as the bytes of its documents ask for', () => {
    const cache = createRunCache({ bytes: 10 });
    for (const runId of 'abc') cache.set(runId, storedRun(runId, 4));
    expect(kept(cache, 'abc')).toBe('bc');

    cache.set('b', storedRun('b', 1));
    cache.delete('c');
    cache.set('d', storedRun('d', 9));
    expect(kept(cache, 'abcd')).toBe('bd');

    cache.set('e', storedRun('e', 11));
    expect(kept(cache, 'abcde')).toBe('');
  });

  it('is not trusted after it was out of date a few times, until it has been current for a while', () => {
    const cache = createRunCache();
    const trustAfter = (...outcomes: readonly boolean[]) => {
      for (const outcome of outcomes) cache.learn(outcome);
      return cache.mostlyCurrent();
    };

    expect(cache.mostlyCurrent()).toBe(true);
    expect(trustAfter(false, false)).toBe(true);
    expect(trustAfter(false)).toBe(false);
    expect(trustAfter(...Array.from({ length: 20 }, () => false))).toBe(false);
    expect(trustAfter(...Array.from({ length: 10 }, () => true))).toBe(false);
    expect(trustAfter(true, true)).toBe(true);
  });
});
