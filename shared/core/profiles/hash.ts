/** Hashes of 32 bits by the steps of MurmurHash3 (A. Appleby), which spreads every input bit over all output bits. */

const SEED = 0x9e37_79b9 | 0;

/** Takes one word into a hash. */
export const mixWord = (hash: number, word: number): number => {
  let mixed = Math.imul(word, 0xcc9e_2d51);
  mixed = Math.imul((mixed << 15) | (mixed >>> 17), 0x1b87_3593) ^ hash;
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe654_6b64) | 0;
};

/** The last step: without it the words taken last move few bits. */
export const finishHash = (hash: number): number => {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return mixed ^ (mixed >>> 16);
};

/** Of a double's two words; cheaper than by `mixWord`, as it is taken of every number. */
export const hashWords = (low: number, high: number): number => {
  const spread = Math.imul(high ^ SEED, 0xcc9e_2d51);
  // The cut back to 32 bits is what keeps the compiler from adding doubles, six times as slow.
  let mixed = Math.imul(((spread ^ (spread >>> 15)) + low) | 0, 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return mixed ^ (mixed >>> 16);
};

/** Of UTF-16 code units, two a word, and the length. */
export const hashText = (text: string, seed: number = SEED): number => {
  let hash = seed;
  for (let i = 0; i < text.length; i += 2) {
    hash = mixWord(hash, text.charCodeAt(i) | (i + 1 < text.length ? text.charCodeAt(i + 1) << 16 : 0));
  }
  return finishHash(hash ^ text.length);
};
