import type { EntityKey, EntityValues } from '../../core/features/index.ts';
import type { Materialization, OnlineStore } from '../../ports/online-store.ts';

/** The same answers as the table, without an expiry. */
export const createMemoryOnlineStore = (): OnlineStore => {
  const entities = new Map<string, EntityValues>();
  const materializations = new Map<string, Materialization>();
  const textOf = (model: string, { view, entity }: EntityKey): string => JSON.stringify([model, view, ...entity]);
  return {
    read: async (model, keys) => keys.map((key) => entities.get(textOf(model, key))),
    write: async (model, view, batch) => {
      const { eventAtMs, createdAtMs } = batch;
      let writtenCount = 0;
      for (const { entity, values } of batch.entities) {
        const text = textOf(model, { view, entity });
        if ((entities.get(text)?.eventAtMs ?? Number.NEGATIVE_INFINITY) > eventAtMs) continue;
        entities.set(text, { values: { ...values }, eventAtMs, createdAtMs });
        writtenCount += 1;
      }
      return { writtenCount };
    },
    lastMaterialization: async (model, view) => materializations.get(`${model}|${view}`),
    recordMaterialization: async (model, view, materialization) => {
      const standing = materializations.get(`${model}|${view}`);
      if (standing === undefined || standing.eventAtMs <= materialization.eventAtMs) {
        materializations.set(`${model}|${view}`, materialization);
      }
    },
  };
};
