import type { RetrainingLedger } from '../../ports/model-registry.ts';

/** Claims in memory, for tests. */
export const createMemoryRetrainingLedger = (): RetrainingLedger => {
  const claims = new Map<string, number>();
  const lastStarts = new Map<string, number>();
  return {
    claim: async ({ model, requestKey, requestedAtMs, coolDownMs }) => {
      const id = `${model}/${requestKey}`;
      const claimedAtMs = claims.get(id);
      if (claimedAtMs !== undefined) {
        return { outcome: 'duplicate', executionName: requestKey, requestedAtMs: claimedAtMs };
      }
      const lastStartedAtMs = lastStarts.get(model);
      if (coolDownMs > 0 && lastStartedAtMs !== undefined && lastStartedAtMs > requestedAtMs - coolDownMs) {
        return { outcome: 'cooling-down', coolDownEndsAtMs: lastStartedAtMs + coolDownMs };
      }
      claims.set(id, requestedAtMs);
      lastStarts.set(model, requestedAtMs);
      return { outcome: 'started', executionName: requestKey, requestedAtMs };
    },
  };
};
