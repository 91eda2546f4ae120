import { createModelCache } from '../../shared/core/model-cache/index.ts';

/** Requests for many models whose popularity falls by Zipf's law, and what three caches make of them. */

const MEBIBYTE = 2 ** 20;

/** Numbers in [0, 1): Numerical Recipes' linear congruential generator. */
const createUniform = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};

export interface ModelTrace {
  readonly sizes: readonly number[];
  /** Each model's share of the requests. */
  readonly shares: readonly number[];
  /** Model by model, as they are asked for. */
  readonly requests: readonly number[];
  readonly budgetBytes: number;
}

/** @param exponent Zipf's: the model of rank r gets a share in proportion to r to its negative. */
export const drawModelTrace = (options: {
  readonly modelCount: number;
  readonly requestCount: number;
  readonly exponent: number;
  readonly budgetBytes: number;
  readonly seed?: number;
}): ModelTrace => {
  const { modelCount, requestCount, exponent, budgetBytes, seed = 7 } = options;
  const uniform = createUniform(seed);
  const sizes = Array.from({ length: modelCount }, () => Math.round((1 + 19 * uniform()) * MEBIBYTE));
  const weights = sizes.map((_, rank) => (rank + 1) ** -exponent);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const shares = weights.map((weight) => weight / total);
  const ends: number[] = [];
  for (const share of shares) ends.push((ends.at(-1) ?? 0) + share);
  const draw = (): number => {
    const at = uniform();
    const found = ends.findIndex((end) => end > at);
    return found === -1 ? modelCount - 1 : found;
  };
  return { sizes, shares, requests: Array.from({ length: requestCount }, draw), budgetBytes };
};

export interface Outcome {
  /** Share of the requests after the warm-up that found their model in memory. */
  readonly hitShare: number;
  readonly failedCount: number;
  readonly mostTakenBytes: number;
}

/** What is asked of a cache: whether the model is there, and to bring it if not. */
type Ask = (model: number) => 'hit' | 'miss' | 'failed';

const replay = ({ requests }: ModelTrace, warmUp: number, ask: Ask, takenBytes: () => number): Outcome => {
  let [hits, failedCount, mostTakenBytes] = [0, 0, 0];
  for (const [i, model] of requests.entries()) {
    const outcome = ask(model);
    if (outcome === 'hit' && i >= warmUp) hits += 1;
    if (outcome === 'failed') failedCount += 1;
    mostTakenBytes = Math.max(mostTakenBytes, takenBytes());
  }
  return { hitShare: hits / (requests.length - warmUp), failedCount, mostTakenBytes };
};

/** The platform's cache, with loads that end at once. */
export const replayModelCache = (trace: ModelTrace, warmUp: number): Outcome => {
  const cache = createModelCache({ budgetBytes: trace.budgetBytes });
  const leave = (keys: readonly string[]): void => {
    for (const key of keys) cache.left(key);
  };
  const ask: Ask = (model) => {
    const key = `m${model}`;
    cache.used(key);
    if (cache.stateOf(key) === 'resident') return 'hit';
    const plan = cache.request({ key, model: key, bytes: trace.sizes[model]! });
    if (plan.outcome !== 'planned') return 'failed';
    leave(plan.leaving);
    if (!cache.start(key)) return 'failed';
    leave(cache.settle(key, trace.sizes[model]!));
    return 'miss';
  };
  return replay(trace, warmUp, ask, () => cache.takenBytes);
};

/** The least recently used leaves first. */
export const replayLeastRecentlyUsed = (trace: ModelTrace, warmUp: number): Outcome => {
  const resident = new Set<number>();
  let taken = 0;
  const ask: Ask = (model) => {
    const hit = resident.delete(model);
    if (!hit) taken += trace.sizes[model]!;
    for (const oldest of resident) {
      if (taken <= trace.budgetBytes) break;
      resident.delete(oldest);
      taken -= trace.sizes[oldest]!;
    }
    resident.add(model);
    return hit ? 'hit' : 'miss';
  };
  return replay(trace, warmUp, ask, () => taken);
};

/** Knows every model's popularity: holds those with the most requests for each byte, and room for one more. */
export const replayOracle = (trace: ModelTrace, warmUp: number): Outcome => {
  const worth = (model: number): number => trace.shares[model]! / trace.sizes[model]!;
  const room = trace.budgetBytes - Math.max(...trace.sizes);
  const resident = new Set<number>();
  let taken = 0;
  for (const model of [...trace.sizes.keys()].sort((a, b) => worth(b) - worth(a))) {
    if (taken + trace.sizes[model]! > room) continue;
    resident.add(model);
    taken += trace.sizes[model]!;
  }
  return replay(
    trace,
    warmUp,
    (model) => (resident.has(model) ? 'hit' : 'miss'),
    () => taken,
  );
};
