/**
 * Zeller and Hildebrandt's ddmin (https://doi.org/10.1109/32.988498): the smallest part of a failing list that still
 * fails, in the sense that no single element can be left out of it.
 * @param fails whether a list fails; asked about lists in the order of the given one.
 * @param onSmaller told of every smaller list that fails.
 * @param mostTries how often `fails` may be asked; then the smallest list so far is the answer.
 */
export const shrink = async <T>(
  whole: readonly T[],
  fails: (part: readonly T[]) => Promise<boolean>,
  {
    onSmaller,
    mostTries = 200,
  }: { readonly onSmaller?: (part: readonly T[]) => void; readonly mostTries?: number } = {},
): Promise<readonly T[]> => {
  let failing = whole;
  let parts = 2;
  let tries = 0;

  const firstFailing = async (candidates: readonly (readonly T[])[]): Promise<readonly T[] | undefined> => {
    for (const candidate of candidates) {
      if (tries >= mostTries) return undefined;
      tries += 1;
      if (await fails(candidate)) return candidate;
    }
    return undefined;
  };

  if (whole.length > 0 && (await firstFailing([[]]))) return [];
  while (failing.length >= 2 && tries < mostTries) {
    const size = Math.ceil(failing.length / parts);
    const starts = Array.from({ length: Math.ceil(failing.length / size) }, (_, i) => i * size);
    const subsets = starts.map((start) => failing.slice(start, start + size));
    const complements = parts === 2 ? [] : starts.map((start) => failing.toSpliced(start, size));
    const subset = await firstFailing(subsets);
    const smaller = subset ?? (await firstFailing(complements));
    if (smaller) {
      failing = smaller;
      onSmaller?.(failing);
      parts = subset ? 2 : Math.max(parts - 1, 2);
    } else if (parts >= failing.length) break;
    else parts = Math.min(parts * 2, failing.length);
  }
  return failing;
};
