import { type BinnedRows, locateBins, MISSING_BIN } from './binned-rows.ts';
import type { Split } from './find-split.ts';

/**
 * Reorders `indices[start … end)` so that the rows that go left come first; both sides keep their order, which keeps
 * later passes over the rows running forward through memory.
 * @param spare at least as long as the range.
 * @returns the position of the first row that goes right.
 */
export const partitionRows = (
  range: { readonly indices: Uint32Array; readonly start: number; readonly end: number },
  spare: Uint32Array,
  rows: BinnedRows,
  split: Pick<Split, 'featureIndex' | 'bin' | 'missingGoesLeft'>,
): number => {
  const { indices, start, end } = range;
  const { words, shift } = locateBins(rows, split.featureIndex);
  // Where missing rows go right, counting bins from 1 wraps the missing bin round to the far end.
  const firstBin = split.missingGoesLeft ? MISSING_BIN : MISSING_BIN + 1;
  const width = split.bin - firstBin;
  let left = start;
  let right = 0;
  for (let k = start; k < end; k++) {
    const row = indices[k] as number;
    const bin = ((words[row] as number) >>> shift) & 255;
    const goesLeft = (bin - firstBin) >>> 0 <= width ? 1 : 0;
    // Both stores always happen: a branch here would be mispredicted for half of the rows.
    indices[left] = row;
    spare[right] = row;
    left += goesLeft;
    right += 1 - goesLeft;
  }
  indices.set(spare.subarray(0, right), left);
  return left;
};
