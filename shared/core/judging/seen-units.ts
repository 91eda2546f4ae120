/**
 * Which units have already entered the evidence, in bounded memory. When it is full, only units of one half of all
 * fingerprints count from then on, later a quarter, and so on: fewer units enter, none twice. Which half a unit is in has
 * nothing to do with the version it is given.
 */
export interface SeenUnits {
  /** Units count whose fingerprint is a multiple of 2^halvings. */
  readonly halvings: number;
  /** Of units that entered and would count again. */
  readonly fingerprints: ReadonlySet<number>;
}

/** Room for about 0.4 MB of fingerprints of six bytes. */
export const MOST_SEEN_UNITS = 65_536;

export const NO_SEEN_UNITS: SeenUnits = { halvings: 0, fingerprints: new Set() };

/** Final mix of MurmurHash3, 32 bits: https://github.com/aappleby/smhasher */
const mix = (word: number): number => {
  let mixed = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
};

/**
 * 48 bits of a unit's key. Two units in 65,536 share one with probability below 1e-5. A router's position of the unit is
 * mixed in, but no bit of it is kept.
 */
export const fingerprintOf = (unit: string): number => {
  let [a, b] = [0x9747b28c, 0x1b873593];
  for (let i = 0; i < unit.length; i += 1) {
    const code = unit.charCodeAt(i);
    a = Math.imul(a ^ code, 0x5bd1e995);
    a = (a << 13) | (a >>> 19);
    b = Math.imul(b ^ code, 0xcc9e2d51);
    b = (b << 17) | (b >>> 15);
  }
  return mix(a ^ b) * 2 ** 16 + (mix(a + Math.imul(b, 5)) & 0xffff);
};

const isMultiple = (fingerprint: number, halvings: number): boolean => fingerprint % 2 ** halvings === 0;

/** Whether a unit that appears now may enter the evidence. */
export const mayEnter = ({ halvings, fingerprints }: SeenUnits, fingerprint: number): boolean =>
  isMultiple(fingerprint, halvings) && !fingerprints.has(fingerprint);

/** The memory with the units of a block, never above `most`. */
export const remember = (seen: SeenUnits, entered: Iterable<number>, most: number = MOST_SEEN_UNITS): SeenUnits => {
  let { halvings } = seen;
  let fingerprints = new Set([...seen.fingerprints, ...entered]);
  while (fingerprints.size > most && halvings < 48) {
    halvings += 1;
    fingerprints = new Set([...fingerprints].filter((fingerprint) => isMultiple(fingerprint, halvings)));
  }
  return { halvings, fingerprints };
};
