import type { RetrainingLedger } from '../../ports/model-registry.ts';

/** Claims in memory, for tests. */
export const createMemoryRetrainingLedger = (): RetrainingLedger => {
  const claims = new Set<string>();
  const lastStarts = new Map<string, number>();
  return {
    claim: async ({ model, requestKey, requestedAtMs, coolDownMs }) => {
      const id = `${model}/${requestKey}`;
      if (claims.has(id)) return { outcome: 'duplicate', executionName: requestKey };
      const lastStartedAtMs = lastStarts.get(model);
      if (coolDownMs > 0 && lastStartedAtMs !== undefined && lastStartedAtMs > requestedAtMs - coolDownMs) {
        return { outcome: 'cooling-down', coolDownEndsAtMs: lastStartedAtMs + coolDownMs };
      }
      claims.add(id);
      lastStarts.set(model, requestedAtMs);
      return { outcome: 'started', executionName: requestKey };
    },
  };
};
