import type { ShadowDays, ShadowPair } from '../../ports/shadow-days.ts';

type Day = Parameters<ShadowDays['putIfAbsent']>[0];

const keyOf = ({ model, challenger, champion }: ShadowPair): string => `${model}#${challenger}#${champion}#`;

/** Days of paired comparisons in memory, for tests. */
export const createMemoryShadowDays = (): ShadowDays => {
  const days = new Map<string, Day>();
  return {
    putIfAbsent: async (day) => {
      const key = `${keyOf(day)}${day.day}`;
      if (days.has(key)) return false;
      days.set(key, day);
      return true;
    },
    list: async (pair) =>
      [...days]
        .filter(([key]) => key.startsWith(keyOf(pair)))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, day]) => day),
  };
};
