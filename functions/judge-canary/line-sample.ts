import type { CapturedLine } from '../../shared/core/deployment/index.ts';

/** FNV-1a, 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
const hashOf = (text: string): number => {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
};

const keyOf = ({ assignment, request, predictionId }: CapturedLine): string =>
  assignment?.unit ?? request?.id ?? predictionId;

/**
 * Lines in bounded memory: when there are too many, only those of units and requests stay whose hash is a multiple of 2,
 * then of 4, and so on. Which those are has nothing to do with the version that they met.
 */
export const createLineSample = (most: number) => {
  let kept: CapturedLine[] = [];
  let divisor = 1;
  let leftOutCount = 0;
  const counts = (line: CapturedLine): boolean => hashOf(keyOf(line)) % divisor === 0;
  return {
    add: (line: CapturedLine): void => {
      if (counts(line)) kept.push(line);
      else leftOutCount += 1;
      while (kept.length > most && divisor < 2 ** 31) {
        divisor *= 2;
        const before = kept.length;
        kept = kept.filter(counts);
        leftOutCount += before - kept.length;
      }
    },
    taken: () => ({ lines: kept as readonly CapturedLine[], leftOutCount }),
  };
};
