import { InvalidRequestError } from '../../kernel/errors.ts';
import { MOST_USAGE_LISTED, type UsageStore } from '../../ports/usage-store.ts';

type Usage = Parameters<UsageStore['raise']>[1][number];

const keyOf = ({ day, version, client }: Usage): string => `${day}#${String(version).padStart(10, '0')}#${client}`;

/** Usage in memory, for tests. A cursor is the key after which the next page begins. */
export const createMemoryUsageStore = (): UsageStore => {
  const counts = new Map<string, Map<string, Usage>>();
  const countedUntil = new Map<string, number>();
  return {
    raise: async (model, usage) => {
      const ofModel = counts.get(model) ?? new Map<string, Usage>();
      counts.set(model, ofModel);
      for (const one of usage) {
        const standing = ofModel.get(keyOf(one));
        if (standing === undefined || standing.requestCount < one.requestCount) ofModel.set(keyOf(one), one);
      }
    },
    list: async (model, { from, to }, { limit, cursor = '' }) => {
      if (!Number.isInteger(limit) || limit < 1 || limit > MOST_USAGE_LISTED) {
        throw new InvalidRequestError(`limit must be an integer in [1, ${MOST_USAGE_LISTED}], got ${limit}`);
      }
      if (cursor !== '' && !/^\d{4}-/.test(cursor)) {
        throw new InvalidRequestError('cursor is not one that this list gave out');
      }
      const keys = [...(counts.get(model) ?? new Map<string, Usage>())]
        .filter(([key, { day }]) => key > cursor && day >= from && day <= to)
        .sort(([a], [b]) => (a < b ? -1 : 1));
      const page = keys.slice(0, limit);
      const [last] = page.at(-1) ?? [];
      return {
        items: page.map(([, usage]) => usage),
        ...(keys.length > limit && last !== undefined ? { nextCursor: last } : {}),
      };
    },
    countedUntilMs: async (model) => countedUntil.get(model),
    setCountedUntil: async (model, atMs) => void countedUntil.set(model, atMs),
  };
};
