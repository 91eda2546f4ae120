import type { VersionScore } from '../../core/governance/index.ts';
import type { VersionEvaluations } from '../../ports/version-evaluations.ts';

/** Scores in memory, for tests; of any model. */
export const createMemoryVersionEvaluations = (): VersionEvaluations => {
  const scores = new Map<string, { readonly model: string; readonly score: VersionScore }>();
  return {
    put: async (model, score) => {
      scores.set(JSON.stringify([model, score.version, score.dataset]), { model, score });
      return score;
    },
    list: async (model, version) =>
      [...scores.values()]
        .filter((one) => one.model === model && (version === undefined || one.score.version === version))
        .map(({ score }) => score),
  };
};
