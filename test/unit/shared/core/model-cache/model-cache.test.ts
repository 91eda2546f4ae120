import { describe, expect, test } from 'vitest';
import { createModelCache } from '../../../../../shared/core/model-cache/index.ts';
import {
  drawModelTrace,
  replayLeastRecentlyUsed,
  replayModelCache,
  replayOracle,
} from '../../../../helpers/model-trace.ts';
import { fc } from '../../../../helpers/properties.ts';

type Cache = ReturnType<typeof createModelCache>;

const load = (cache: Cache, key: string, bytes: number, measured = bytes, share = 1): readonly string[] => {
  const plan = cache.request({ key, model: key.split('#')[0]!, bytes, share });
  expect(plan.outcome).toBe('planned');
  if (plan.outcome !== 'planned') return [];
  for (const leaving of plan.leaving) cache.left(leaving);
  expect(cache.start(key)).toBe(true);
  return [...plan.leaving, ...cache.settle(key, measured)];
};

describe('the ledger of bytes', () => {
  test('a load starts when those that leave for it have left, and not before', () => {
    const cache = createModelCache({ budgetBytes: 100 });
    load(cache, 'a', 60);
    const plan = cache.request({ key: 'b', model: 'b', bytes: 50 });

    expect(plan).toEqual({ outcome: 'planned', leaving: ['a'] });
    expect(cache.start('b')).toBe(false);
    cache.left('a');
    expect(cache.start('b')).toBe(true);
    expect(cache.takenBytes).toBe(50);
  });

  test('two loads at once are not promised the same bytes', () => {
    const cache = createModelCache({ budgetBytes: 100 });
    expect(cache.request({ key: 'a', model: 'a', bytes: 60 }).outcome).toBe('planned');
    expect(cache.request({ key: 'b', model: 'b', bytes: 60 }).outcome).toBe('full');
    cache.cancel('a');
    expect(cache.request({ key: 'b', model: 'b', bytes: 60 }).outcome).toBe('planned');
  });

  test('what is greater than the whole budget is refused for good', () => {
    expect(createModelCache({ budgetBytes: 100 }).request({ key: 'a', model: 'a', bytes: 101 })).toEqual({
      outcome: 'too-large',
    });
  });

  test('an entry in use stays until it is not', () => {
    const cache = createModelCache({ budgetBytes: 100 });
    load(cache, 'a', 80);
    cache.pin('a');
    expect(cache.request({ key: 'b', model: 'b', bytes: 50 }).outcome).toBe('full');
    cache.unpin('a');
    expect(load(cache, 'b', 50)).toEqual(['a']);
  });

  test('a model that measures more than was planned drives out others, or leaves itself', () => {
    const cache = createModelCache({ budgetBytes: 100 });
    load(cache, 'a', 40);
    expect(load(cache, 'b', 40, 70)).toEqual(['a']);
    cache.left('a');
    expect(load(cache, 'c', 30, 130)).toEqual(['b', 'c']);
  });

  test('of two models the one with fewer uses for each byte leaves', () => {
    const cache = createModelCache({ budgetBytes: 100 });
    cache.used('small', 2);
    cache.used('large', 5);
    load(cache, 'small', 10);
    load(cache, 'large', 80);
    expect(load(cache, 'next', 60)).toEqual(['large']);
  });

  test('a copy drives out copies of less worth, never a model', () => {
    const cache = createModelCache({ budgetBytes: 100 });
    cache.used('busy', 100);
    cache.used('quiet', 10);
    load(cache, 'busy', 30);
    load(cache, 'quiet', 30);
    load(cache, 'quiet#2', 30, 30, 0.1);
    expect(load(cache, 'busy#2', 30, 30, 0.1)).toEqual(['quiet#2']);
    expect(cache.request({ key: 'quiet#3', model: 'quiet', bytes: 30, share: 0.1 }).outcome).toBe('full');
  });

  const bytesOf = (key: string): number => 10 + 5 * Number(key.slice(1));
  const ACTS: Readonly<Record<string, (cache: Cache, key: string) => void>> = {
    ask: (cache, key) => {
      cache.used(key);
      if (cache.stateOf(key) === undefined) cache.request({ key, model: key, bytes: bytesOf(key) });
    },
    begin: (cache, key) => {
      if (cache.stateOf(key) === 'waiting') cache.start(key);
    },
    end: (cache, key) => {
      if (cache.stateOf(key) === 'loading') cache.settle(key, bytesOf(key));
    },
    fail: (cache, key) => {
      if (['waiting', 'loading'].includes(cache.stateOf(key) ?? '')) cache.cancel(key);
    },
    leave: (cache, key) => {
      if (cache.stateOf(key) === 'leaving') cache.left(key);
    },
    pin: (cache, key) => {
      if (cache.stateOf(key) === 'resident') cache.pin(key);
    },
  };

  test('whatever comes in whatever order, resident and loading bytes stay within the budget', () => {
    const step = fc.record({
      model: fc.integer({ min: 0, max: 12 }),
      act: fc.constantFrom('ask', 'ask', 'ask', 'begin', 'begin', 'end', 'fail', 'leave', 'pin'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const cache = createModelCache({ budgetBytes: 100 });
        const taken = steps.map(({ model, act }) => {
          ACTS[act]?.(cache, `m${model}`);
          return cache.takenBytes;
        });
        expect(Math.max(0, ...taken)).toBeLessThanOrEqual(100);
      }),
    );
  });
});

describe('which models stay', () => {
  // A tenth of the row serving/models-1000: as many bytes for each model, a shorter trace.
  test.each([
    [0.8, 0.04],
    [1, 0.04],
    [1.2, 0.03],
  ])('at Zipf %d more requests find their model than with LRU, nearly as many as with an oracle', (exponent, gain) => {
    const trace = drawModelTrace({
      modelCount: 200,
      requestCount: 12_000,
      exponent,
      budgetBytes: 410 * 2 ** 20,
    });

    const ours = replayModelCache(trace, 4_000);

    expect(ours.failedCount).toBe(0);
    expect(ours.mostTakenBytes).toBeLessThanOrEqual(trace.budgetBytes);
    expect(ours.hitShare).toBeGreaterThan(replayLeastRecentlyUsed(trace, 4_000).hitShare + gain);
    expect(ours.hitShare).toBeGreaterThan(replayOracle(trace, 4_000).hitShare - 0.06);
  });

  test('what was popular long ago makes room for what is now', () => {
    const before = drawModelTrace({ modelCount: 100, requestCount: 20_000, exponent: 1, budgetBytes: 200 * 2 ** 20 });
    // The same sizes and shares, the ranks turned round.
    const turned = before.requests.map((model) => 99 - model);
    const trace = {
      ...before,
      shares: before.shares.toReversed(),
      requests: [...before.requests, ...turned],
    };

    expect(replayModelCache(trace, 30_000).hitShare).toBeGreaterThan(replayOracle(trace, 30_000).hitShare - 0.06);
  });
});
