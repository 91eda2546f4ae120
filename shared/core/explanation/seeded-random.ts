import type { Random } from './kernel-shap.ts';

/** Numbers in [0, 1) from a 32-bit seed: a counter through MurmurHash3's finaliser. */
export const seededRandom = (seed: number): Random => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e37_79b9) >>> 0;
    let hash = Math.imul(state ^ (state >>> 16), 0x85eb_ca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
    return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
  };
};
