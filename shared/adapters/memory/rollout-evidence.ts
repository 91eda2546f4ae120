import type { RolloutLook } from '../../core/deployment/index.ts';
import { ConflictError, InvalidRequestError } from '../../kernel/errors.ts';
import type { RolloutEvidence, RolloutEvidenceStore } from '../../ports/rollout-evidence.ts';

const keyOf = (model: string, rolloutId: string): string => JSON.stringify([model, rolloutId]);

/** Evidence and looks in memory, for tests. A cursor is the index at which the next page begins. */
export const createMemoryRolloutEvidence = (): RolloutEvidenceStore => {
  const standing = new Map<string, RolloutEvidence>();
  const looks = new Map<string, RolloutLook[]>();
  const looksAt = (model: string, rolloutId: string): RolloutLook[] => {
    const key = keyOf(model, rolloutId);
    const taken = looks.get(key) ?? [];
    looks.set(key, taken);
    return taken;
  };
  return {
    open: async (evidence) => {
      const key = keyOf(evidence.model, evidence.rolloutId);
      const before = standing.get(key);
      if (before === undefined) standing.set(key, evidence);
      return before ?? evidence;
    },
    get: async (model, rolloutId) => standing.get(keyOf(model, rolloutId)),
    getLook: async (model, rolloutId, index) => looksAt(model, rolloutId)[index],
    record: async (evidence, look) => {
      const { model, rolloutId } = evidence;
      const taken = looksAt(model, rolloutId);
      const before = taken[look.index];
      if (before !== undefined) return before;
      if (standing.get(keyOf(model, rolloutId))?.lookCount !== look.index)
        throw new ConflictError(
          `look ${look.index} at rollout ${rolloutId} of ${model} does not follow on those that were taken`,
        );
      taken.push(look);
      standing.set(keyOf(model, rolloutId), { ...evidence, lookCount: look.index + 1 });
      return look;
    },
    listLooks: async (model, rolloutId, limit, cursor = '0') => {
      if (!/^\d+$/.test(cursor)) throw new InvalidRequestError('cursor is not one that this list gave out');
      const from = Number(cursor);
      const taken = looksAt(model, rolloutId);
      const items = taken.slice(from, from + limit);
      return { items, ...(taken.length > from + limit ? { nextCursor: String(from + limit) } : {}) };
    },
  };
};
