export interface Candidate {
  readonly model: string;
  /** 1 for a model, less for a copy of one. */
  readonly share: number;
  readonly bytes: number;
}

/**
 * The least worth of the candidates, until `bytes` are free of them; fewer where they are not enough. A copy saves a
 * hop and a model a load: for a copy only copies leave that are worth no more than it.
 * @param usesOf aged uses of a model.
 */
export const chooseLeaving = <T extends Candidate>(
  candidates: readonly T[],
  wanted: { readonly bytes: number; readonly copy?: Candidate },
  usesOf: (model: string) => number,
): readonly T[] => {
  const { bytes, copy } = wanted;
  if (bytes <= 0) return [];
  const worthOf = (one: Candidate): number => (usesOf(one.model) * one.share) / Math.max(1, one.bytes);
  const atMost = copy === undefined ? Number.POSITIVE_INFINITY : worthOf(copy);
  const byWorth = candidates
    .map((candidate) => ({ candidate, worth: worthOf(candidate) }))
    .filter(({ candidate, worth }) => copy === undefined || (candidate.share < 1 && worth <= atMost))
    .sort((a, b) => a.worth - b.worth);
  const chosen: T[] = [];
  let free = 0;
  for (const { candidate } of byWorth) {
    if (free >= bytes) break;
    chosen.push(candidate);
    free += candidate.bytes;
  }
  return chosen;
};
