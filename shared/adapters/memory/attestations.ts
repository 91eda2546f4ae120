import type { Attestation } from '../../core/ml-test-score/index.ts';
import type { Attestations } from '../../ports/attestations.ts';

/** Attestations in memory, for tests; of any model. */
export const createMemoryAttestations = (): Attestations => {
  const words = new Map<string, Map<string, Attestation>>();
  return {
    put: async (model, word) => {
      const of = words.get(model) ?? new Map<string, Attestation>();
      words.set(model, of);
      const standing = of.get(word.item);
      if (standing?.requestId === word.requestId) return standing;
      of.set(word.item, word);
      return word;
    },
    list: async (model) => [...(words.get(model)?.values() ?? [])],
  };
};
