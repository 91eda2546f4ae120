import { assert } from '../../kernel/assert.ts';

/**
 * Evidence against "each day, whatever the days before were, a hit is at most as likely as not", after `hitCount` of
 * `dayCount` days: ∫ ∏ 2p^hit(1 − p)^miss over p uniform on (½, 1), the likelihood ratio of a hit's probability mixed over
 * all that favour hits. A non-negative supermartingale under the null, however days depend on each other, so that it
 * ever reaches 1/α with probability at most α (Ville 1939; mixtures: Robbins 1970, Ann. Math. Stat. 41; signs for a
 * median at any time: Howard & Ramdas 2022, Bernoulli 28). In closed form Σ_{j ≤ hits} C(n + 1, j) / ((n + 1)·C(n, hits)).
 */
export const signEvidence = (dayCount: number, hitCount: number): number => {
  assert(hitCount >= 0 && hitCount <= dayCount, 'hits are some of the days');
  // C(n + 1, j) / C(n, hits), from j = hits down: no binomial is large by itself.
  let ratio = (dayCount + 1) / (dayCount + 1 - hitCount);
  let sum = 0;
  for (let j = hitCount; j >= 0; j -= 1) {
    sum += ratio;
    ratio *= j / (dayCount + 2 - j);
  }
  return sum / (dayCount + 1);
};

/** Fewest hits of so many days whose evidence reaches the limit; undefined where even all days do not. */
export const fewestHits = (dayCount: number, limit: number): number | undefined => {
  for (let hits = Math.ceil(dayCount / 2); hits <= dayCount; hits += 1) {
    if (signEvidence(dayCount, hits) >= limit) return hits;
  }
  return undefined;
};
